/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The clock of the events' timestamps. */
#ifndef TCPT_MONOTONIC_H
#define TCPT_MONOTONIC_H

#include <stdint.h>

/* Returns the time of CLOCK_MONOTONIC in nanoseconds. */
uint64_t monotonic_ns(void);
/* Returns it outside of all time namespaces, as programs in the kernel see it. */
uint64_t monotonic_kernel_ns(void);
/* Returns what the caller's time namespace adds to the clock, in nanoseconds. */
int64_t monotonic_namespace_ns(void);
/* Returns the offset in the text of /proc/PID/timens_offsets in nanoseconds; 0 without one. */
int64_t monotonic_offset_parse(const char *text);

#endif
