/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for what the kernel or another process is about to do, and says to nobody. */
#ifndef TCPT_WAIT_H
#define TCPT_WAIT_H

#include <stdbool.h>

/* Sleeps for so long, signals or not; less than a second. */
void wait_ns(long ns);
/*
 * Sleeps for 10 ms between one look and the next; looks is how many there are to be.
 * Returns false once the last one has been.
 */
bool wait_again(unsigned int *looks);

#endif
