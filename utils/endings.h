/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals that end a program or renew its output, which come only while it waits. */
#ifndef ENDINGS_H
#define ENDINGS_H

#include <signal.h>
#include <stdbool.h>

struct endings {
	volatile sig_atomic_t came; /* one that ends the program */
	volatile sig_atomic_t insists; /* a second one came */
	volatile sig_atomic_t hung_up; /* SIGHUP, where it does not end the program */
	sigset_t waiting; /* the signals blocked while the program waits */
};

/*
 * Catches SIGINT, SIGTERM and SIGHUP from now on; there is one struct endings a program.
 * SIGHUP ends it too, unless hangup_ends is false.
 */
void endings_catch(struct endings *endings, bool hangup_ends);

/* Lets a signal in that has come. A program that never waits would not notice it. */
void endings_look(const struct endings *endings);

#endif
