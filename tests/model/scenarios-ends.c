// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Connections that end in other ways: by others, or with nobody left. */
#include <stddef.h>

#include "scenarios.h"
#include "steps.h"
#include "tcp.h"

static void connect_and_close(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_close(0, 0);
}

static void connect_and_exit(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	task_exits();
	sys_close(0, 0);
}

static void connect_and_leave_to_worker(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	task_is_worker();
	sys_close(0, 0);
}

static void kill_it(void)
{
	wait_until(step_was_opened, 0);
	sys_kill(0);
}

static void kill_connecting(void)
{
	wait_until(syn_is_sent, 0);
	sys_kill(0);
}

static void answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_ACK);
	arrives(0, PACKET_FIN);
	all_ends(0, 1);
}

static void answer_and_time_out(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_TIMEOUT);
	all_ends(0, 1);
}

/* Nobody holds it any more, and it waits for the peer's FIN in vain. */
static void answer_and_forget(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_ACK);
	arrives(0, PACKET_ORPHAN_TIMER);
	all_ends(0, 1);
}

const struct scenario scenarios_ends[] = {
	{ "passed-on", step_connect, answer, step_close_opened, NULL, NULL, 1 },
	{ "exit", connect_and_exit, answer, NULL, NULL, NULL, 1 },
	{ "worker", connect_and_leave_to_worker, answer, NULL, NULL, NULL, 1 },
	{ "killed", connect_and_close, answer, kill_it, NULL, NULL, 1 },
	{ "killed-connecting", connect_and_close, answer, kill_connecting, NULL, NULL, 1 },
	{ "timed-out", connect_and_close, answer_and_time_out, NULL, NULL, NULL, 1 },
	{ "orphan", connect_and_close, answer_and_forget, NULL, NULL, NULL, 1 },
	{},
};
