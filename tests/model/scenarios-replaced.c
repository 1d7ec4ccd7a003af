// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Another generation of programs takes the place of the first one. */
#include <stddef.h>

#include "scenarios.h"
#include "tcp.h"
#include "tool.h"

#define PORT 80
#define LISTENER 2
#define CHILD 1
#define PEER 5000

/* ---- tasks ---- */

static void connect_and_close(void)
{
	free_point();
	sys_socket(0);
	sys_connect(0, PORT, 0);
	free_point();
	sys_close(0, 0);
}

static void connect_anew(void)
{
	connect_and_close();
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

static void accept_and_close(void)
{
	int child = sys_accept(LISTENER, 0);

	free_point();
	sys_close(child, 0);
	sys_close(LISTENER, 0);
}

/* ---- what arrives ---- */

static void answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_FIN);
	all_ends(0, 1);
}

static void reset(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void refuse(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void refuse_and_answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	wait_until(syn_is_sent, 1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

static void answer_anew(void)
{
	answer();
	wait_until(syn_is_sent, 1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

static void complete(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_FIN);
	all_ends(CHILD, 1);
}

static void listen_before(void)
{
	sock_erase(LISTENER);
	world.sock[LISTENER].sk.sk_socket = &world.sock[LISTENER].socket;
	sys_bind(LISTENER, PORT);
	world.sock[LISTENER].sk.__sk_common.skc_state = TCPT_LISTEN;
}

static void select_next_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_DPORT, PORT + 1);
}

const struct scenario scenarios_replaced[] = {
	{ "replaced", connect_and_close, answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-reset", connect_and_close, reset, NULL, NULL, tool_replace, 1 },
	{ "replaced-refused", connect_and_close, refuse, NULL, NULL, tool_replace, 1 },
	{ "replaced-shut", connect_and_shut, answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-again", connect_again, refuse_and_answer, NULL, NULL, tool_replace, 1 },
	{ "replaced-anew", connect_anew, answer_anew, NULL, NULL, tool_replace, 2 },
	{ "replaced-accept", accept_and_close, complete, NULL, listen_before, tool_replace, 1 },
	{ "replaced-hidden", connect_anew, answer_anew, NULL, select_next_port, tool_replace, 2 },
	{ "replace-killed", connect_and_close, answer, NULL, NULL, tool_replace_killed, 2 },
	{ "replace-lost", connect_and_close, answer, NULL, NULL, tool_replace_lost, 2 },
	{ "replace-left", connect_and_close, answer, NULL, NULL, tool_replace_left, 2 },
	{},
};
