/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals that end a program, which come only while it waits. */
#ifndef ENDINGS_H
#define ENDINGS_H

#include <signal.h>

struct endings {
	volatile sig_atomic_t came; /* one of them */
	sigset_t waiting; /* the signals blocked while the program waits */
};

/* Catches SIGINT, SIGTERM and SIGHUP from now on; there is one struct endings a program. */
void endings_catch(struct endings *endings);

#endif
