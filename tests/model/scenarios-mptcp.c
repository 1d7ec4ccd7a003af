// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* MPTCP: sock 0 or 3 is the connection's, socks 1 and 4 are subflows. */
#include <stddef.h>

#include "maps.h"
#include "scenarios.h"
#include "steps.h"
#include "tcp.h"
#include "tool.h"

#define SUBFLOW 1
#define ACCEPTED 3
#define JOINED 4

static int was_opened(int conn)
{
	return conn < world.conns && (world.truth[conn].opened || world.truth[conn].failed);
}

/* ---- before ---- */

static void have_socket(void)
{
	sock_erase(0);
	world.sock[0].sk.sk_protocol = IPPROTO_MPTCP;
	world.sock[0].sk.sk_socket = &world.sock[0].socket;
}

/* The filter selects the task that connects. */
static void have_socket_and_filter(void)
{
	have_socket();
	tool_begin_filter(TCPT_ABI_FILTER_PID, tasks[0].pid);
}

/* ---- tasks ---- */

static void connect_and_close(void)
{
	mptcp_connect(0, SUBFLOW, PORT);
	free_point();
	mptcp_close(0);
}

static void connect_only(void)
{
	mptcp_connect(0, SUBFLOW, PORT);
}

static void close_only(void)
{
	wait_until(was_opened, 0);
	free_point();
	mptcp_close(0);
}

static int is_turn_passed(int unused)
{
	(void)unused;
	return tool_control()->turn == 2;
}

static void connect_and_close_later(void)
{
	mptcp_connect(0, SUBFLOW, PORT);
	wait_until(is_turn_passed, 0);
	mptcp_close(0);
}

static void accept_and_close(void)
{
	int child = sys_accept(LISTENER, ACCEPT_MPTCP);

	free_point();
	mptcp_close(child);
	sys_close(LISTENER, 0);
}

/* ---- workers ---- */

static void end(void)
{
	task_is_worker();
	mptcp_work_ends(0);
}

static void end_accepted(void)
{
	task_is_worker();
	wait_until(was_opened, 0);
	mptcp_work_ends(ACCEPTED);
}

static void peer_ends_first(void)
{
	task_is_worker();
	wait_until(was_opened, 0);
	mptcp_work_peer_ends(0);
	mptcp_work_ends(0);
}

static void join_and_end(void)
{
	task_is_worker();
	wait_until(was_opened, 0);
	mptcp_join(JOINED, 0);
	mptcp_work_ends(0);
}

/* ---- what arrives ---- */

static void answer(void)
{
	mptcp_arrives(SUBFLOW, PACKET_SYNACK);
}

static void answer_both(void)
{
	mptcp_arrives(SUBFLOW, PACKET_SYNACK);
	mptcp_arrives(JOINED, PACKET_SYNACK);
}

static void answer_and_refuse(void)
{
	mptcp_arrives(SUBFLOW, PACKET_SYNACK);
	mptcp_arrives(JOINED, PACKET_RST);
}

static void answer_and_reset(void)
{
	mptcp_arrives(SUBFLOW, PACKET_SYNACK);
	mptcp_arrives(SUBFLOW, PACKET_RST);
}

static void refuse(void)
{
	mptcp_arrives(SUBFLOW, PACKET_RST);
}

static void complete(void)
{
	mptcp_handshake_completes(LISTENER, ACCEPTED, SUBFLOW, PEER);
}

const struct scenario scenarios_mptcp[] = {
	{ "mptcp", connect_and_close, answer, end, have_socket, NULL, 1 },
	{ "mptcp-peer-ends", connect_and_close, answer, peer_ends_first, have_socket, NULL, 1 },
	{ "mptcp-passed-on", connect_only, answer, close_only, have_socket, end, 1 },
	{ "mptcp-reset", connect_and_close, answer_and_reset, end, have_socket, NULL, 1 },
	{ "mptcp-refused", connect_and_close, refuse, end, have_socket, NULL, 1 },
	{ "mptcp-joined", connect_and_close, answer_both, join_and_end, have_socket, NULL, 1 },
	{ "mptcp-join-refused", connect_and_close, answer_and_refuse, join_and_end, have_socket,
	  NULL, 1 },
	{ "mptcp-filter", connect_and_close, answer, end, have_socket_and_filter, NULL, 1 },
	{ "mptcp-replaced", connect_and_close_later, answer, end, have_socket, tool_replace, 1 },
	{ "mptcp-replaced-closed", connect_and_close, answer, end, have_socket, tool_replace, 1 },
	{ "mptcp-accept", accept_and_close, complete, end_accepted, step_listen, NULL, 1 },
	{},
};
