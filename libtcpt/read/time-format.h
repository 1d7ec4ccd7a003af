/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Times as text. */
#ifndef TCPT_TIME_FORMAT_H
#define TCPT_TIME_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Each writes to p, without a NUL, and returns where to go on. The first takes nanoseconds
 * since 1970, and writes as in 2026-11-29T08:00:00.000001Z, or with an offset from UTC. The
 * other one writes seconds with six decimals.
 */
char *time_format_rfc3339(char *p, uint64_t ns, bool is_local);
char *time_format_seconds(char *p, uint64_t ns);

#endif
