/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cookie of a socket. */
#ifndef TCPT_GUESS_COOKIE_H
#define TCPT_GUESS_COOKIE_H

#include <stdint.h>

/*
 * Asks the kernel for the cookie of a socket of the calling thread's network namespace. Before
 * Linux 4.12 only that of a connection can be known.
 */
int cookie_of(int fd, uint64_t *cookie);

#endif
