/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares what the programs have told with what has really happened; fail() says what is wrong. */
#ifndef MODEL_JUDGE_H
#define MODEL_JUDGE_H

#include "world.h"

void judge(void);

/* ---- between the files ---- */

/* What was told of one connection. */
struct told {
	int conn; /* index of truth */
	int count[TCPT_ABI_EXISTING + 1];
	const struct tcpt_abi_event *event[TCPT_ABI_EXISTING + 1]; /* the last one of the type */
};

/* What was due and not told. */
extern struct judge_tally {
	unsigned long long lost; /* in the ring, at least */
	unsigned long long perhaps_lost; /* at most: those that need not have been told, too */
	unsigned long long fails; /* of connects that could not be remembered */
} judge_tally;

void judge_conn(const struct told *told);
void judge_books(void); /* numbers, counters, what is left in maps */

#endif
