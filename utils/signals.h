/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals that end a program or renew its output, which come only while it waits. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
	volatile sig_atomic_t came; /* one that ends the program */
	volatile sig_atomic_t insists; /* a second one came */
	volatile sig_atomic_t hung_up; /* SIGHUP, where it does not end the program */
	sigset_t waiting; /* the signals blocked while the program waits */
};

/*
 * Catches SIGINT, SIGTERM and SIGHUP from now on; there is one struct signals a program.
 * SIGHUP ends it too, unless hangup_ends is false.
 */
void signals_catch(struct signals *signals, bool hangup_ends);

/* Lets a signal in that has come. A program that never waits would not notice it. */
void signals_look(const struct signals *signals);

#endif
