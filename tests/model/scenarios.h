/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who does what, in scripts of a few lines. Two tasks run on a processor each; what
 * arrives does so on the second one, or interrupts the first: both are tried.
 */
#ifndef MODEL_SCENARIOS_H
#define MODEL_SCENARIOS_H

#include "threads.h"

struct scenario {
	const char *name;
	script task; /* on processor 0 */
	script network; /* interrupts, on either */
	script other; /* a second task, on processor 1; or NULL */
	void (*prepare)(void); /* before the first step; or NULL */
	script tool; /* on processor 2; or NULL */
	int spare; /* deviations fewer: there is much without them */
};

/* Lists that programs of control groups are tried with, too: they know less. */
int scenario_fits(const struct scenario *list);

/* They end with an empty one. */
extern const struct scenario scenarios_client[], scenarios_server[], scenarios_older[];
extern const struct scenario scenarios_fd[], scenarios_replaced[], scenarios_ends[];
extern const struct scenario scenarios_filter[], scenarios_mptcp[], scenarios_absent[],
	scenarios_taps[], scenarios_missed[];
extern const struct scenario *const scenario_lists[]; /* of these, and NULL */

extern const struct scenario *scenario_now;
extern int scenario_network_cpu;

void scenario_begin(void); /* the first state of scenario_now in mode_now */
const struct scenario *scenario_find(const char *name);

#endif
