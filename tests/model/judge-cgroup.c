// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is reported otherwise in cgroup mode, most of it where there are no offsets. */
#include "judge.h"

#include "modes.h"
#include "story.h"
#include "truth.h"

/* It is reported when it is established, without a task, whether a task takes it then or not. */
void judge_cgroup_accept(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_event *event = reported->event[TCPT_ABI_ACCEPT];
	int happened = truth->role == TCPT_ABI_SERVER &&
		       (truth->opened || truth->notes & NOTE_FAST_OPEN_CHILD);

	judge_count(reported, TCPT_ABI_ACCEPT, "accept", happened,
		    happened + judge_is_taken_for_passive(truth));
	judge_late(reported, TCPT_ABI_ACCEPT, "accept", 0, 0);
	if (event && event->by.pid)
		fail(ENDS "accept is pid %u's, and nobody knows", ENDS_OF(truth), event->by.pid);
}

/* Without offsets a reset after a FIN passes for the end that the FIN leads to. */
int judge_is_reset_unknown(const struct tcpt_abi_close *close)
{
	return mode_now->is_bare &&
	       (close->reason == TCPT_ABI_LOCAL || close->reason == TCPT_ABI_PEER);
}

/*
 * It found no room while it was connecting, and was established after its socket was released.
 * Only its destruction shows that.
 */
int judge_is_release_unseen(const struct truth *truth)
{
	return mode_now->is_bare && truth->notes & NOTE_GAVE_UP && truth->faults & FAULT_PENDING;
}

/* Without a hook on its destruction nothing says that it is over. */
int judge_is_any_left(void)
{
	for (int i = 0; mode_now->is_bare && i < world.conns; i++)
		if ((world.truth[i].role == TCPT_ABI_SERVER && !world.truth[i].accepted) ||
		    judge_is_release_unseen(&world.truth[i]))
			return 1;
	return 0;
}

/* It has failed, or found no room, while its socket was released: the LRU map keeps the note. */
int judge_is_any_given_up(void)
{
	for (int i = 0; i < world.conns; i++)
		if ((world.truth[i].failed || world.truth[i].faults & FAULT_CONNS) &&
		    world.truth[i].notes & NOTE_GAVE_UP)
			return 1;
	return 0;
}
