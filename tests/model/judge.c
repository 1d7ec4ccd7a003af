// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "judge.h"

#include <string.h>

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "truth.h"

static const char *const names[] = { "event", "connect",   "accept",  "close",
				     "fail",  "fdinstall", "existing" };

/*
 * Its local port is all that the kernel has left of the ends of a connect that has failed.
 * Tracepoint mode notes them at the change to SYN_SENT.
 */
static int is_without_ends(const struct tcpt_abi_event *event, const struct truth *truth)
{
	return event->type == TCPT_ABI_FAIL && event->flags & TCPT_ABI_LATE &&
	       !modes_have_tracepoint() && !event->tuple.dport && !truth->seen[STEP_ATTEMPT] &&
	       !truth->seen[STEP_END];
}

/* The connection of these ends. Each scenario gives its connections ports of their own. */
static int conn_of(const struct tcpt_abi_event *event)
{
	for (int i = 0; i < world.conns; i++) {
		const struct tcpt_abi_tuple *tuple = &world.truth[i].tuple;

		if (tuple->sport == event->tuple.sport && tuple->dport == event->tuple.dport)
			return i;
		if (tuple->sport == event->tuple.sport && is_without_ends(event, &world.truth[i]))
			return i;
	}
	return -1;
}

/* A subflow that the kernel adds looks like a connection of nobody's until it has its socket. */
static int is_early_join(const struct tcpt_abi_event *event)
{
	return world.stage.is_join_early && !event->by.pid && event->role == TCPT_ABI_CLIENT;
}

/* Without offsets, what found no room has no ends when its socket is closed. */
static int is_nameless(const struct tcpt_abi_event *event)
{
	return mode_now->is_bare && event->type == TCPT_ABI_CLOSE && !event->tuple.family &&
	       world.stage.faults & FAULT_CONNS;
}

/*
 * A program on the first change of state has the kernel make it, where there is one. For a
 * connection that is older than the trace, or than this program, a probe may come before
 * that. A connect whose end nobody saw fails when its sock may be another's already.
 */
static void judge_cookie(const struct tcpt_abi_event *event, const struct truth *truth,
			 const char *name)
{
	int is_late_fail = event->type == TCPT_ABI_FAIL && event->flags & TCPT_ABI_LATE;
	int is_due = truth->cookie && !truth->older && modes_make_cookies() &&
		     !hooks_are_loaded() && world.stage.absent != ABSENT_FIGURES && !is_late_fail;

	if (truth->notes & NOTE_MPTCP && modes_accept_late())
		return; /* that of the first subflow */
	if (judge_is_taken_for_next(truth))
		return; /* that of the next */
	if (event->cookie && event->cookie != truth->cookie)
		fail(ENDS "%s has cookie %llu, and it is %llu", ENDS_OF(truth), name,
		     (unsigned long long)event->cookie, (unsigned long long)truth->cookie);
	if (!event->cookie && is_due)
		fail(ENDS "%s has no cookie", ENDS_OF(truth), name);
}

static void judge_event(const struct tcpt_abi_event *event, struct reported *reported)
{
	int conn = conn_of(event);

	if (event->type == TCPT_ABI_FDINSTALL)
		return;
	if (event->type < TCPT_ABI_CONNECT || event->type > TCPT_ABI_EXISTING) {
		fail("an event has type %d", event->type);
		return;
	}
	if (conn < 0 && is_early_join(event))
		return;
	if (is_nameless(event))
		return;
	if (conn < 0) {
		fail("%s of %u -> %u, which there never was", names[event->type],
		     event->tuple.sport, event->tuple.dport);
		return;
	}
	reported[conn].count[event->type]++;
	reported[conn].event[event->type] = event;
	judge_cookie(event, &world.truth[conn], names[event->type]);
	if (is_without_ends(event, &world.truth[conn]))
		return;
	if (memcmp(&event->tuple, &world.truth[conn].tuple, sizeof(event->tuple)))
		fail("%s of %u -> %u: ends or namespace are wrong", names[event->type],
		     event->tuple.sport, event->tuple.dport);
}

struct judge_tally judge_tally;

/* The close of a connection for which there was no room has one that no other event has. */
static int is_id_wrong(const struct tcpt_abi_event *a, const struct tcpt_abi_event *b)
{
	int conn = conn_of(a);

	if (conn < 0 || (world.truth[conn].notes & NOTE_MPTCP && modes_accept_late()))
		return 0;
	if (conn == conn_of(b) &&
	    (world.truth[conn].faults & FAULT_CONNS || judge_is_taken_twice(&world.truth[conn])))
		return 0;
	return (conn == conn_of(b)) != (a->id == b->id);
}

/* One in all events of a connection, and in no others. */
static void judge_ids(void)
{
	const struct tcpt_abi_event *a, *b;
	int i = 0, j;

	while ((a = event_next(&i)))
		for (j = 0; (b = event_next(&j)) && a->type != TCPT_ABI_FDINSTALL;)
			if (b->type != TCPT_ABI_FDINSTALL && is_id_wrong(a, b))
				fail("%s of %u -> %u has id %llu, %s of %u -> %u has %llu",
				     names[a->type], a->tuple.sport, a->tuple.dport,
				     (unsigned long long)a->id, names[b->type], b->tuple.sport,
				     b->tuple.dport, (unsigned long long)b->id);
}

static void judge_reader(void)
{
	struct reported reported[CONNS] = {};
	const struct tcpt_abi_event *event;
	int at = 0;

	judge_tally = (struct judge_tally){};
	while ((event = event_next(&at)))
		judge_event(event, reported);
	for (int i = 0; i < world.conns && !failure(); i++) {
		reported[i].conn = i;
		judge_conn(&reported[i]);
	}
	judge_ids();
	judge_fds();
	judge_books();
}

/* The reader of each tap gets each event once, or a count of its loss. */
void judge(void)
{
	for (judge_tap = 1; judge_tap <= 1 + world.stage.taps; judge_tap++)
		judge_reader();
	judge_tap = 1;
}
