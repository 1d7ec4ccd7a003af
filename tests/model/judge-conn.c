// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What has to be reported of a connection. With all hooks at work that is what has
 * happened, neither more nor less. With hooks missed each rule says which of them
 * have to have run, and what else may be reported then.
 */
#include "judge.h"

#include <errno.h>

#include "hooks.h"
#include "story.h"
#include "truth.h"

uint32_t judge_pid(int task_plus_1)
{
	return task_plus_1 ? tasks[task_plus_1 - 1].pid : 0;
}

static int is_begin_seen(const struct truth *truth)
{
	return (truth->seen[STEP_BEGIN] && !judge_is_mark_stale(truth, STEP_BEGIN)) ||
	       truth->seen[STEP_ATTEMPT];
}

/*
 * What shows that its task closes it. The change by which the close sends a FIN looks like
 * that of a shutdown(), but in tracepoint mode: then it takes what sees the close itself.
 */
static int is_close_seen(const struct truth *truth)
{
	if (judge_is_mptcp_close(truth))
		return truth->seen[STEP_END];
	if (truth->notes & NOTE_OVER_AT_CLOSE && truth->seen[STEP_CLOSING])
		return (truth->seen[STEP_END] && !judge_is_over_in_stock(truth)) ||
		       truth->seen[STEP_DESTROY];
	if (truth->notes & NOTE_WAS_OVER)
		return truth->seen[STEP_CLOSING] ||
		       (truth->seen[STEP_END] && truth->seen[STEP_DESTROY]);
	return truth->seen[STEP_CHANGE] && (truth->seen[STEP_CLOSING] || modes_have_tracepoint() ||
					    !(truth->notes & NOTE_CLOSED_BY_FIN));
}

/* The same, if it is enough that a task closes or shuts down what nobody has accepted. */
static int is_holder_seen(const struct truth *truth)
{
	if (judge_is_mptcp_close(truth) || truth->notes & NOTE_WAS_OVER)
		return is_close_seen(truth);
	return truth->seen[STEP_CHANGE] ||
	       (truth->seen[STEP_CLOSING] && (truth->seen[STEP_END] || truth->seen[STEP_DESTROY]));
}

/* The address is used for another connection. */
static int is_next_seen(const struct truth *truth)
{
	return truth->next && is_begin_seen(&world.truth[truth->next - 1]);
}

/* Its beginning was seen, and there was room for it. */
static int is_remembered(const struct truth *truth)
{
	return is_begin_seen(truth) && !(truth->faults & (FAULT_PENDING | FAULT_HIDDEN));
}

int judge_is_taken_for_passive(const struct truth *truth)
{
	return truth->notes & NOTE_CROSSED && !is_remembered(truth);
}

/* How often an event is reported: at least, at most. */
void judge_count(const struct reported *reported, int type, const char *name, int least, int most)
{
	const struct truth *truth = &world.truth[reported->conn];
	enum filtered filtered = judge_filtered(truth);

	if (judge_is_type_hidden(type) || filtered == FILTERED_HIDDEN)
		least = most = 0;
	else if (filtered == FILTERED_PERHAPS && (type != TCPT_ABI_CLOSE || truth->older))
		least = 0;
	if (reported->count[type] > most)
		fail(ENDS "%s is reported %d times, and %d times is right", ENDS_OF(truth), name,
		     reported->count[type], most);
	judge_tally.perhaps_lost += most - reported->count[type];
	if (reported->count[type] >= least)
		return;
	if (world.stage.faults & FAULT_RING)
		judge_tally.lost += least - reported->count[type];
	else
		fail(ENDS "%s is not reported", ENDS_OF(truth), name);
}

void judge_late(const struct reported *reported, int type, const char *name, int must, int may)
{
	const struct tcpt_abi_event *event = reported->event[type];
	int is_late = event && event->flags & TCPT_ABI_LATE;

	if (is_late && !may)
		fail(ENDS "%s is late, and was in time", ENDS_OF(&world.truth[reported->conn]),
		     name);
	if (event && !is_late && must)
		fail(ENDS "%s is not marked late", ENDS_OF(&world.truth[reported->conn]), name);
}

/* ---- connect and fail ---- */

/* The hooks have its entry of before the trace, which names its task. */
static int is_taken_connecting(const struct truth *truth)
{
	return judge_is_taken(truth) && !truth->is_stock_open &&
	       !(truth->faults & (FAULT_PENDING | FAULT_HIDDEN)) &&
	       !(truth->notes & NOTE_OVERTAKEN);
}

static void judge_connect(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_event *event = reported->event[TCPT_ABI_CONNECT];
	int happened = truth->opened && truth->role == TCPT_ABI_CLIENT &&
		       truth->older != OLDER_OPEN &&
		       (!reported->count[TCPT_ABI_EXISTING] || truth->faults & FAULT_CONNS);
	int is_later_seen = truth->seen[STEP_CLOSING] || truth->seen[STEP_CHANGE] ||
			    truth->seen[STEP_END];
	int must = is_remembered(truth) || judge_is_taken(truth) ?
			   truth->seen[STEP_OPEN] || is_later_seen :
			   truth->seen[STEP_OPEN] & 1;

	if (judge_is_taken_for_passive(truth))
		must = 0;
	judge_count(reported, TCPT_ABI_CONNECT, "connect", happened && must,
		    happened + judge_is_taken_twice(truth));
	judge_late(reported, TCPT_ABI_CONNECT, "connect", !truth->seen[STEP_OPEN],
		   !truth->seen[STEP_OPEN] || judge_is_mark_stale(truth, STEP_OPEN) ||
			   truth->notes & NOTE_OVERTAKEN);
	if (event && event->by.pid != judge_pid(truth->opener) &&
	    (is_remembered(truth) || is_taken_connecting(truth) || event->by.pid))
		fail(ENDS "connect is pid %u's, and was pid %u's", ENDS_OF(truth), event->by.pid,
		     judge_pid(truth->opener));
}

/*
 * The hook that alone sees what ICMP brings may be skipped, and the program has asked for
 * it. In tracepoint mode there is no such hook.
 */
static int is_icmp_unseen(const struct truth *truth)
{
	return truth->missed[STEP_ICMP] || (modes_have_tracepoint() && !truth->seen[STEP_ICMP] &&
					    truth->notes & NOTE_SOFT_LATER);
}

static int is_error_right(const struct truth *truth, uint32_t error)
{
	if ((world.stage.absent == ABSENT_ERRORS || mode_now->is_bare) && !error)
		return 1;
	if (error == truth->error || error == truth->soft)
		return 1;
	return error ? error == ECANCELED && is_icmp_unseen(truth) : judge_is_missed(truth);
}

/* A port is taken after the change to SYN_SENT: one that has none is not reported. */
static void judge_fail(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_event *event = reported->event[TCPT_ABI_FAIL];
	int happened = truth->failed && (!(truth->notes & NOTE_NO_PORT) || truth->tuple.sport);
	int must = judge_is_taken(truth) && !(truth->faults & FAULT_PENDING) ?
			   truth->seen[STEP_END] ||
				   (truth->seen[STEP_DESTROY] && !truth->is_failed_in_stock) :
			   is_remembered(truth) &&
				   (truth->seen[STEP_END] || truth->seen[STEP_DESTROY] ||
				    (is_next_seen(truth) && !modes_have_tracepoint()));
	int must_unknown = truth->older && truth->is_failed_in_stock && truth->seen[STEP_END] & 1 &&
			   !(truth->faults & FAULT_PENDING);
	int all_missed = truth->opened && !truth->seen[STEP_OPEN] && !truth->seen[STEP_CLOSING] &&
			 !truth->seen[STEP_END];

	judge_count(reported, TCPT_ABI_FAIL, "fail", happened && (must || must_unknown),
		    happened || all_missed);
	if (happened && truth->faults & FAULT_PENDING && !event) {
		judge_tally.fails += truth_filtered(truth) == FILTERED_SHOWN &&
				     !judge_is_first_blind(truth);
		judge_tally.perhaps_fails += truth_filtered(truth) != FILTERED_HIDDEN;
	}
	judge_late(reported, TCPT_ABI_FAIL, "fail", !truth->seen[STEP_END],
		   !truth->seen[STEP_END] || judge_is_end_repeated(truth));
	if (event && event->by.pid != judge_pid(truth->opener) &&
	    (event->by.pid || truth->older != OLDER_CONNECTING || judge_is_taken(truth)))
		fail(ENDS "fail is pid %u's, and was pid %u's", ENDS_OF(truth), event->by.pid,
		     judge_pid(truth->opener));
	if (event && !is_error_right(truth, event->value))
		fail(ENDS "fail has error %u, and it is %u", ENDS_OF(truth), event->value,
		     truth->error);
}

/* ---- accept ---- */

/*
 * It found no room when it was accepted, and finds some when it is established: later with
 * Fast Open, or at the same time where the accept is seen without the socket's lock.
 */
static int is_accepted_again(const struct truth *truth)
{
	return (truth->notes & NOTE_FAST_OPEN || modes_accept_late()) &&
	       truth->faults & FAULT_CONNS;
}

static void judge_accept(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_event *event = reported->event[TCPT_ABI_ACCEPT];
	int is_later_seen = truth->seen[STEP_OPEN] && is_holder_seen(truth);
	int is_missed = !truth->seen[STEP_ACCEPT];
	int is_late = is_missed || truth->notes & NOTE_OUTRUN;

	if (is_late && truth->faults & FAULT_QUEUE)
		is_later_seen = 0;
	judge_count(reported, TCPT_ABI_ACCEPT, "accept",
		    truth->accepted && (!is_late || is_later_seen),
		    truth->accepted + is_accepted_again(truth) + judge_is_taken_for_passive(truth));
	judge_late(reported, TCPT_ABI_ACCEPT, "accept", is_missed,
		   is_late || is_accepted_again(truth));
	if (event && truth->accepted && event->by.pid != judge_pid(truth->acceptor) &&
	    !(is_late && (event->by.pid == judge_pid(truth->closer) ||
			  event->by.pid == judge_pid(truth->shutter))))
		fail(ENDS "accept is pid %u's, and was pid %u's", ENDS_OF(truth), event->by.pid,
		     judge_pid(truth->acceptor));
}

/* ---- close ---- */

static int is_end_seen(const struct truth *truth)
{
	return is_next_seen(truth) || is_close_seen(truth) || truth->seen[STEP_DESTROY] ||
	       (truth->seen[STEP_END] && !(truth->notes & NOTE_WAS_OVER));
}

static void judge_closer(const struct truth *truth, const struct tcpt_abi_close *close)
{
	uint32_t pid = close->event.by.pid;

	if (pid == judge_pid(truth->closer) || (mode_now->is_bare && !truth->closer))
		return;
	if (judge_is_taken_for_next(truth) && pid == judge_pid(world.truth[truth->heir - 1].closer))
		return;
	if (close->event.flags & TCPT_ABI_LATE &&
	    (!judge_is_mptcp_close(truth) || judge_is_missed(truth)) &&
	    (pid == judge_pid(truth->opener) || pid == judge_pid(truth->shutter)))
		return;
	fail(ENDS "close is pid %u's, and was pid %u's", ENDS_OF(truth), pid,
	     judge_pid(truth->closer));
}

/* It is open from when a hook has seen it; with Fast Open that is any time from its accept. */
static int is_opened_right(const struct reported *reported, uint64_t opened)
{
	const struct truth *truth = &world.truth[reported->conn];

	if (truth->older == OLDER_OPEN || reported->count[TCPT_ABI_EXISTING])
		return !opened;
	if (truth->role == TCPT_ABI_SERVER && world.stage.are_filters_changed)
		return opened >=
		       truth->opened_at; /* hidden by its ends, it did not wait in conns */
	if (mode_now->is_cgroup && truth->notes & NOTE_FAST_OPEN_CHILD)
		return opened &&
		       (truth->faults || !truth->opened_until || opened <= truth->opened_until);
	if (!truth->seen[STEP_OPEN] || truth->faults & FAULT_QUEUE ||
	    truth->notes & (NOTE_FAST_OPEN | NOTE_OVERTAKEN) ||
	    judge_is_mark_stale(truth, STEP_OPEN) || (modes_accept_late() && truth->accepted))
		return opened >= truth->opened_at;
	return opened >= truth->opened_at && opened <= truth->opened_until;
}

/* How a connection was cut off is not known then. */
static int is_reason_absent(void)
{
	return world.stage.absent == ABSENT_ERRORS || world.stage.absent == ABSENT_SHUTDOWN ||
	       mode_now->is_bare;
}

static void judge_outcome(const struct reported *reported, const struct tcpt_abi_close *close)
{
	const struct truth *truth = &world.truth[reported->conn];
	int is_exact = !judge_is_missed(truth) && !truth->faults &&
		       !judge_is_over_in_stock(truth) && !is_reason_absent();

	if (close->reason != truth->reason && !judge_is_taken_for_next(truth) &&
	    !judge_is_reason_unseen(truth) && !judge_is_reset_unknown(close) &&
	    (is_exact || (close->reason && close->reason != truth->late_reason)))
		fail(ENDS "close has reason %u, and it is %u", ENDS_OF(truth), close->reason,
		     truth->reason);
	if (!is_opened_right(reported, close->event.began))
		fail(ENDS "close was opened at %llu, and that was at %llu", ENDS_OF(truth),
		     (unsigned long long)close->event.began, (unsigned long long)truth->opened_at);
	if (!judge_is_taken_for_passive(truth) && !judge_is_taken_for_next(truth))
		judge_figures(truth, close);
	if (close->opener_pid != judge_pid(truth->opener) && is_exact &&
	    (close->opener_pid || !judge_is_without_task(reported)))
		fail(ENDS "close has opener %u, and it was %u", ENDS_OF(truth), close->opener_pid,
		     judge_pid(truth->opener));
}

/* Nothing is known of it but its close, as of one that is older than the trace. */
static int is_bare(const struct tcpt_abi_close *close)
{
	return !close->event.role && !close->event.began;
}

static int is_reset_at_accept(const struct truth *truth)
{
	return modes_accept_late() && truth->notes & NOTE_RESET_UNACCEPTED;
}

/*
 * It was over, or shut down, when its task closed it, and then programs of another mode got
 * the turn.
 */
static int is_close_passed_on(const struct truth *truth)
{
	return mode_of(0) != mode_of(1) && truth->notes & (NOTE_WAS_OVER | NOTE_HALF_CLOSED);
}

/* Without sock.sk_socket tracepoint mode does not know that a task held it to the end. */
static int is_holder_unknown(const struct truth *truth)
{
	return world.stage.absent == ABSENT_SOCKET && mode_now->is_tracepoint &&
	       truth->notes & NOTE_WAS_OVER;
}

/* A kretprobe reports the accept before the socket is the task's: it may be reset then. */
static int may_be_late(const struct truth *truth)
{
	return is_close_passed_on(truth) || is_holder_unknown(truth) ||
	       (mode_now->is_cgroup && truth->notes & NOTE_DISCONNECTED) ||
	       judge_is_mptcp_close(truth) || judge_is_missed(truth) ||
	       truth->notes & NOTE_GAVE_UP || judge_is_over_in_stock(truth) ||
	       (modes_accept_late() &&
		(truth->notes & NOTE_RESET_UNACCEPTED || truth->faults & FAULT_QUEUE));
}

/* The hook that sees every close did not run. What AF_UNSPEC ends is no close of the socket. */
static int must_be_late(const struct truth *truth)
{
	return !modes_have_tracepoint() && !truth->seen[STEP_CLOSING] &&
	       !judge_is_taken_for_next(truth) && !(truth->notes & NOTE_DISCONNECTED);
}

static void judge_close(const struct reported *reported)
{
	const struct truth *truth = &world.truth[reported->conn];
	const struct tcpt_abi_close *close = (const void *)reported->event[TCPT_ABI_CLOSE];
	int is_begun_hidden = judge_is_type_hidden(TCPT_ABI_CONNECT);
	int is_shown = reported->count[TCPT_ABI_CONNECT] || reported->count[TCPT_ABI_ACCEPT] ||
		       reported->count[TCPT_ABI_EXISTING] || is_begun_hidden;
	int is_known = is_shown && !(truth->faults & FAULT_CONNS) &&
		       !(is_begun_hidden && world.stage.misses);
	int must = is_known ?
			   truth->closed && is_end_seen(truth) && !judge_is_release_unseen(truth) :
			   judge_is_unknown_close_seen(truth);

	judge_count(reported, TCPT_ABI_CLOSE, "close", must,
		    truth->opened + judge_is_taken_twice(truth));
	judge_late(reported, TCPT_ABI_CLOSE, "close", is_known && must_be_late(truth),
		   !is_known || may_be_late(truth));
	if (!close)
		return;
	judge_closer(truth, close);
	if (close->event.ts < truth->closed_at && !is_reset_at_accept(truth) &&
	    !(truth->notes & (NOTE_SHUT_AT_LOAD | NOTE_GAVE_UP)))
		fail(ENDS "close is reported before it is closed", ENDS_OF(truth));
	if (is_known || !is_bare(close))
		judge_outcome(reported, close);
	if (!is_shown && is_bare(close))
		judge_tally.bare |= 1 << reported->conn;
	if (!is_shown && !is_bare(close) && !(world.stage.faults & FAULT_RING))
		fail(ENDS "close is reported of what was never shown", ENDS_OF(truth));
	if (is_known && is_bare(close) && !judge_is_taken_twice(truth))
		fail(ENDS "close is reported without role and duration", ENDS_OF(truth));
}

void judge_conn(const struct reported *reported)
{
	if (judge_mptcp(reported))
		return;
	judge_existing(reported);
	judge_connect(reported);
	judge_fail(reported);
	if (mode_now->is_bare)
		judge_cgroup_accept(reported);
	else
		judge_accept(reported);
	judge_close(reported);
}
