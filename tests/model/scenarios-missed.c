// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel skips all programs for a while. So it does on the processor of a program that
 * was preempted, or of a task in a bpf() call, until that one runs again.
 */
#include <stddef.h>

#include "hooks.h"
#include "scenarios.h"
#include "steps.h"
#include "tcp.h"

#define ANEW (PEER + 1)

static void skip_all(void)
{
	world.stage.hooks[0] = 0;
}

static void skip_none(void)
{
	world.stage.hooks[0] = HOOKS_ALL;
}

/* ---- tasks ---- */

static void connect_unseen(void)
{
	skip_all();
	step_connect();
	skip_none();
	sys_close(0, 0);
}

static void accept_and_close_unseen(void)
{
	int child = sys_accept(LISTENER, 0);

	skip_all();
	sys_close(child, CLOSE_LINGER_0);
	skip_none();
	step_accept_and_close();
}

static int is_queued(int sock)
{
	return world.sock[sock].is_queued;
}

static void accept_anew_unseen(void)
{
	int child = sys_accept(LISTENER, 0);

	skip_all();
	sys_close(child, CLOSE_LINGER_0);
	wait_until(is_queued, CHILD);
	skip_none();
	step_accept_and_close();
}

/* ---- what arrives ---- */

static void answer_unseen(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 1);
}

/* The second child gets the sock of the first. */
static void complete_anew(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	wait_until(sock_is_free, CHILD);
	handshake_completes(LISTENER, CHILD, ANEW);
	all_ends(CHILD, 2);
}

/*
 * One deviation more, and what is left of the first child passes for the second one: if its
 * accept was skipped, or an accept that is seen without the socket's lock races with the
 * program that finds the remains.
 */
const struct scenario scenarios_missed[] = {
	{ "missed-open", connect_unseen, answer_unseen, NULL, NULL, NULL, 0 },
	{ "missed-close", accept_and_close_unseen, complete_anew, NULL, step_listen, NULL, 1 },
	{ "missed-close-and-open", accept_anew_unseen, complete_anew, NULL, step_listen, NULL, 1 },
	{},
};
