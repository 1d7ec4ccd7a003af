// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Another generation of programs takes the place of the first one. */
#include <stddef.h>

#include "scenarios.h"
#include "steps.h"
#include "tcp.h"
#include "tool.h"

/* ---- tasks ---- */

static void connect_anew(void)
{
	step_connect_and_close();
	free_point();
	sys_socket(0);
	sys_connect(0, PORT + 1, 0);
	free_point();
	sys_close(0, 0);
}

static void connect_again(void)
{
	free_point();
	sys_socket(0);
	sys_connect(0, PORT, 0);
	free_point();
	sys_connect(0, PORT + 1, 0);
	free_point();
	sys_close(0, 0);
}

static void connect_and_shut(void)
{
	free_point();
	sys_socket(0);
	sys_connect(0, PORT, 0);
	free_point();
	sys_shutdown(0, 2);
	free_point();
	sys_close(0, 0);
}

static void connect_and_shut_at_once(void)
{
	step_connect();
	free_point();
	sys_shutdown(0, 2);
	sys_close(0, 0);
}

static void answer_only(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 1);
}

/* send() waits for memory of the program, and shutdown() for the lock. */
static void send(void)
{
	wait_until(step_was_opened, 0);
	if (!world.sock[0].is_live)
		return;
	lock_sock(0);
	free_point();
	release_sock(0);
}

/* ICMP comes before the program asks, and perhaps while it does. */
static void connect_ask_and_close(void)
{
	free_point();
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_NONBLOCK);
	free_point();
	sys_getsockopt_error(0);
	free_point();
	sys_close(0, 0);
}

/* ---- what arrives ---- */

static void forbid(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_ICMP);
	arrives(0, PACKET_TIMEOUT);
	all_ends(0, 1);
}

static void reset(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

/* ---- the tool ---- */

/* The new programs may be at work when they are lost. */
static void lose_opened(void)
{
	wait_until(step_was_opened, 0);
	tool_replace_lost();
}

const struct scenario scenarios_replaced[] = {
	{ "replaced", step_connect_and_close, step_answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-reset", step_connect_and_close, reset, NULL, NULL, tool_replace, 1 },
	{ "replaced-refused", step_connect_and_close, step_refuse, NULL, NULL, tool_replace, 1 },
	{ "replaced-shut", connect_and_shut, step_answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-again", connect_again, step_refuse_and_answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-anew", connect_anew, step_answer_anew, NULL, NULL, tool_replace, 2 },
	{ "replaced-accept", step_accept_and_close, step_complete, NULL, step_listen, tool_replace,
	  1 },
	{ "replaced-hidden", connect_anew, step_answer_anew, NULL, step_select_next_port,
	  tool_replace, 2 },
	{ "replace-killed", step_connect_and_close, step_answer, NULL, NULL, tool_replace_killed,
	  2 },
	{ "replace-lost", step_connect_and_close, step_answer, NULL, NULL, tool_replace_lost, 2 },
	{ "replace-lost-closed", step_connect_and_close, answer_only, NULL, NULL, lose_opened, 1 },
	{ "replace-left", step_connect_and_close, step_answer, NULL, NULL, tool_replace_left, 2 },
	{ "mode", step_connect_and_close, step_answer, NULL, NULL, tool_change_mode, 2 },
	{ "mode-reset", step_connect_and_close, reset, NULL, NULL, tool_change_mode, 2 },
	{ "mode-refused", step_connect_and_close, step_refuse, NULL, NULL, tool_change_mode, 2 },
	{ "mode-icmp", connect_ask_and_close, forbid, NULL, NULL, tool_change_mode, 2 },
	{ "mode-shut", connect_and_shut, step_answer, NULL, NULL, tool_change_mode, 2 },
	{ "mode-again", connect_again, step_refuse_and_answer, NULL, NULL, tool_change_mode, 2 },
	{ "mode-anew", connect_anew, step_answer_anew, NULL, NULL, tool_change_mode, 2 },
	{ "mode-accept", step_accept_and_close, step_complete, NULL, step_listen, tool_change_mode,
	  2 },
	{ "mode-hidden", connect_anew, step_answer_anew, NULL, step_select_next_port,
	  tool_change_mode, 2 },
	{ "mode-killed", step_connect_and_close, step_answer, NULL, NULL, tool_change_mode_killed,
	  2 },
	{ "mode-lost", step_connect_and_close, step_answer, NULL, NULL, tool_change_mode_lost, 2 },
	{ "mode-shut-killed", connect_and_shut_at_once, answer_only, send, NULL,
	  tool_change_mode_killed, 2 },
	{ "mode-left", step_connect_and_close, step_answer, NULL, NULL, tool_change_mode_left, 2 },
	{},
};
