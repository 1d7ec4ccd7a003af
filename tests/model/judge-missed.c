// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What can be reported otherwise, because hooks were missed. */
#include "judge.h"

#include <stddef.h>

#include "truth.h"

int judge_is_missed(const struct truth *truth)
{
	for (int i = 0; i < STEPS; i++)
		if (truth->missed[i])
			return 1;
	return 0;
}

int judge_is_mark_stale(const struct truth *truth, enum step at)
{
	for (int i = 0; i < world.conns; i++)
		for (int step = 0; step < STEPS; step++)
			if (world.truth[i].missed[step] & ~1 && truth->missed[at] & 1)
				return 1;
	return 0;
}

/* Nothing shows that this one began. */
static int is_beginning_unseen(const struct truth *truth)
{
	return !truth->seen[STEP_BEGIN] && !truth->seen[STEP_ATTEMPT] && !truth->seen[STEP_OPEN] &&
	       !truth->seen[STEP_ACCEPT];
}

int judge_is_taken_for_next(const struct truth *truth)
{
	const struct truth *next = truth->heir ? &world.truth[truth->heir - 1] : NULL;

	if (!next)
		return 0;
	return (is_beginning_unseen(next) && !truth->seen[STEP_END]) ||
	       (judge_is_over_in_stock(truth) && next->faults & FAULT_CONNS);
}
