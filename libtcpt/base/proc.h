/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Links in /proc. */
#ifndef TCPT_PROC_H
#define TCPT_PROC_H

#include <stdbool.h>
#include <stdint.h>

/* "WHATNUMBER]", as links in /proc read. */
bool proc_is_link_to(const char *target, const char *what, uint64_t *number);

#endif
