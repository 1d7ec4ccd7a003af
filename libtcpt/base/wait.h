/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for the kernel or another process, when nothing says that it has finished. */
#ifndef TCPT_WAIT_H
#define TCPT_WAIT_H

#include <stdbool.h>

/* Sleeps for ns nanoseconds, less than a second. Signals do not end the sleep. */
void wait_ns(long ns);
/*
 * Sleeps for 10 ms before the next look. looks is the number of looks, and counts down.
 * Returns false, without a sleep, after the last look.
 */
bool wait_again(unsigned int *looks);

#endif
