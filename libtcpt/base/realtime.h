/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The clock that people read, beside the clock of the events' timestamps. */
#ifndef TCPT_REALTIME_H
#define TCPT_REALTIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Returns CLOCK_REALTIME - CLOCK_MONOTONIC, in nanoseconds and a few of them off. It
 * changes only when somebody sets the clock and when the machine sleeps: what slows or
 * speeds one of these clocks does so to the other (kernel/time/timekeeping.c). This
 * monotonic clock is that of the caller's time namespace.
 */
int64_t realtime_offset(void);
/*
 * Returns whether these may be one offset. Two readings of an unchanged one differ by less
 * than a millisecond, and two of a clock that was set by more.
 */
bool realtime_is_near(int64_t a, int64_t b);
/* Returns CLOCK_TAI - CLOCK_REALTIME in nanoseconds: whole seconds, which ntpd and others set. */
int64_t realtime_tai(void);

#endif
