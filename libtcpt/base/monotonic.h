/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The clock of the events' timestamps. */
#ifndef TCPT_MONOTONIC_H
#define TCPT_MONOTONIC_H

#include <stdint.h>

/* Returns the time of CLOCK_MONOTONIC in nanoseconds. */
uint64_t monotonic_ns(void);

#endif
