// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What has to be reported of a connection that is older than the trace. */
#include "judge.h"

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "truth.h"

/* Stock was taken of it, and nothing had happened to it until then. */
int judge_is_taken(const struct truth *truth)
{
	return truth->older && truth->stock == 2;
}

/* It came to its end, or the task began to close it, while stock was being taken. */
int judge_is_over_in_stock(const struct truth *truth)
{
	return truth->stock == 1 || truth->notes & NOTE_OVERTAKEN;
}

/*
 * One processor has established it and another one closed it in the moment in which stock
 * was taken of it as of a connect.
 */
static int is_established_twice(const struct truth *truth)
{
	return truth->older == OLDER_CONNECTING && judge_is_over_in_stock(truth) &&
	       truth->notes & NOTE_OVERTAKEN;
}

/* Its close found no room, and then stock was taken of it. */
static int is_closed_twice(const struct truth *truth)
{
	return truth->older == OLDER_OPEN && truth->stock && truth->faults & FAULT_CONNS;
}

int judge_is_taken_twice(const struct truth *truth)
{
	return is_established_twice(truth) || is_closed_twice(truth);
}

/*
 * Of a connection of which nothing is known, only a hook on the close itself reports: in
 * tracepoint mode the first one on a change of state that sends a FIN or a reset.
 */
int judge_is_unknown_close_seen(const struct truth *truth)
{
	if (truth->older != OLDER_OPEN || truth->notes & (NOTE_WAS_OVER | NOTE_DISCONNECTED))
		return 0;
	if (modes_have_tracepoint())
		return truth->seen[STEP_CHANGE] & 1 && !(truth->notes & NOTE_HALF_CLOSED);
	return truth->seen[STEP_CLOSING] & 1 &&
	       (truth->seen[STEP_CHANGE] || truth->seen[STEP_END] || truth->seen[STEP_DESTROY]);
}

/* Nobody knew who had begun this connect. */
int judge_is_without_task(const struct reported *reported)
{
	const struct tcpt_abi_event *connect = reported->event[TCPT_ABI_CONNECT];
	const struct truth *truth = &world.truth[reported->conn];

	if (mode_now->is_bare && truth->role == TCPT_ABI_SERVER)
		return 1;
	return connect ? !connect->by.pid :
			 truth->older == OLDER_CONNECTING && world.stage.faults & FAULT_RING;
}

/* Who reports it while stock is taken is in time, the hook that finds it later is late. */
void judge_existing(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_event *event = reported->event[TCPT_ABI_EXISTING];
	int is_by_hook = event && event->cpu != CPUS - 1;
	int is_begun_lost = world.stage.faults & FAULT_RING && truth->older != OLDER_OPEN;
	int is_begun = (reported->count[TCPT_ABI_CONNECT] || reported->count[TCPT_ABI_ACCEPT]) &&
		       !(truth->faults & FAULT_CONNS);

	judge_count(reported, TCPT_ABI_EXISTING, "existing",
		    truth->stock == 2 && truth->is_stock_open && !is_begun &&
			    !(truth->notes & NOTE_DROPPED && judge_is_missed(truth)) &&
			    !(truth->faults & FAULT_CONNS) && !is_begun_lost,
		    truth->stock && truth->is_stock_open && !is_begun);
	judge_late(reported, TCPT_ABI_EXISTING, "existing", is_by_hook, is_by_hook);
	if (event && event->by.pid != judge_pid(truth->opener))
		fail(ENDS "existing is pid %u's, and is pid %u's", ENDS_OF(truth), event->by.pid,
		     judge_pid(truth->opener));
	if (event && event->role != truth->role)
		fail(ENDS "existing has role %u, and it is %u", ENDS_OF(truth), event->role,
		     truth->role);
}
