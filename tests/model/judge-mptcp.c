// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is reported otherwise of a connection of an MPTCP socket. */
#include "judge.h"

#include "hooks.h"
#include "truth.h"

int judge_is_mptcp_close(const struct truth *truth)
{
	return truth->notes & NOTE_MPTCP && !modes_have_tracepoint() && !modes_end_mptcp();
}

int judge_is_end_repeated(const struct truth *truth)
{
	return truth->notes & NOTE_MPTCP && truth->missed[STEP_END];
}

int judge_is_first_blind(const struct truth *truth)
{
	return truth->notes & NOTE_MPTCP && modes_end_mptcp();
}

int judge_is_reason_unseen(const struct truth *truth)
{
	return truth->notes & NOTE_MPTCP && modes_end_mptcp() && truth->missed[STEP_END];
}

/*
 * Where a raw tracepoint alone sees its changes of state, single events may be missing. The
 * return of inet_csk_accept() shows the first subflow, and not the MPTCP socket.
 */
int judge_mptcp(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	int is_by_return = truth->role == TCPT_ABI_SERVER && modes_accept_late() &&
			   !modes_have_tracepoint();
	int are_missing = !mode_now->sees_mptcp && (world.stage.misses || world.stage.faults);

	if (!(truth->notes & NOTE_MPTCP) || !(is_by_return || are_missing))
		return 0;
	for (int type = TCPT_ABI_CONNECT; type <= TCPT_ABI_FAIL; type++)
		judge_count(reported, type, "event", 0, 1 + is_by_return);
	judge_tally.perhaps_fails++;
	return 1;
}
