// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Filters that are set before, while, or no longer when something happens. */
#include <stddef.h>

#include "maps.h"
#include "scenarios.h"
#include "tcp.h"
#include "tool.h"

#define PORT 80
#define LISTENER 2
#define CHILD 1
#define PEER 5000

/* ---- filters before ---- */

/* It selects this connection's second one, or the other end of none. */
static void select_next_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_DPORT, PORT + 1);
}

static void select_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_DPORT, PORT);
}

/* That of the first connection is 1001, of the second 1002. */
static void select_local_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_SPORT, 1002);
}

static void select_first_task(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_PID, tasks[0].pid);
}

static void select_second_task(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

static void select_closes(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_TYPE, TCPT_ABI_CLOSE);
}

static void listen_before(void)
{
	sock_erase(LISTENER);
	world.sock[LISTENER].sk.sk_socket = &world.sock[LISTENER].socket;
	sys_bind(LISTENER, PORT);
	world.sock[LISTENER].sk.__sk_common.skc_state = TCPT_LISTEN;
}

static void listen_and_select_port(void)
{
	listen_before();
	select_port();
}

static void listen_and_select_task(void)
{
	listen_before();
	select_second_task();
}

static void listen_and_select_closes(void)
{
	listen_before();
	select_closes();
}

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
	sys_socket(0);
	sys_connect(0, PORT + 1, 0);
	free_point();
	sys_close(0, 0);
}

static void connect_twice(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_disconnect(0);
	sys_connect(0, PORT + 1, 0);
	sys_close(0, 0);
}

static void connect_again(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_connect(0, PORT + 1, 0);
	sys_close(0, 0);
}

static void connect_only(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
}

static int was_opened(int conn)
{
	return conn < world.conns && world.truth[conn].opened;
}

static void close_opened(void)
{
	wait_until(was_opened, 0);
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

static void refuse(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void cross(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYN);
	arrives(0, PACKET_ACK);
	all_ends(0, 1);
}

static void answer_next(void)
{
	wait_until(syn_is_sent, 1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

static void answer_anew(void)
{
	answer();
	answer_next();
}

static void answer_twice(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	answer_next();
}

static void refuse_and_answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	answer_next();
}

static void complete(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_FIN);
	all_ends(CHILD, 1);
}

static void complete_and_reset(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_RST);
	all_ends(CHILD, 1);
}

/* ---- filters that change ---- */

static void select_next_port_now(void)
{
	free_point();
	tool_add_filter(TCPT_ABI_FILTER_DPORT, PORT + 1);
}

static void select_local_port_now(void)
{
	free_point();
	tool_add_filter(TCPT_ABI_FILTER_SPORT, 1002);
}

static void select_second_task_now(void)
{
	free_point();
	tool_add_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

static void select_all_ports(void)
{
	free_point();
	tool_remove_filter(TCPT_ABI_FILTER_DPORT, PORT + 1);
}

static void select_all_local_ports(void)
{
	free_point();
	tool_remove_filter(TCPT_ABI_FILTER_SPORT, 1002);
}

static void select_all_of_listener(void)
{
	free_point();
	tool_remove_filter(TCPT_ABI_FILTER_DPORT, PORT);
}

static void select_all_tasks(void)
{
	free_point();
	tool_remove_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

static void select_and_select_all(void)
{
	select_next_port_now();
	select_all_ports();
}

const struct scenario scenarios_filter[] = {
	{ "filter-hides", connect_anew, answer_anew, NULL, select_next_port, NULL, 0 },
	{ "filter-hides-next", connect_anew, answer_anew, NULL, select_port, NULL, 0 },
	{ "filter-sport", connect_anew, answer_anew, NULL, select_local_port, NULL, 0 },
	{ "filter-refused", connect_again, refuse_and_answer, NULL, select_next_port, NULL, 0 },
	{ "filter-sport-refused", connect_again, refuse_and_answer, NULL, select_local_port, NULL,
	  0 },
	{ "filter-twice", connect_twice, answer_twice, NULL, select_next_port, NULL, 0 },
	{ "filter-crossed", connect_and_close, cross, NULL, select_next_port, NULL, 0 },
	{ "filter-passed-on", connect_only, answer, close_opened, select_first_task, NULL, 1 },
	{ "filter-hides-passed-on", connect_only, answer, close_opened, select_second_task, NULL,
	  1 },
	{ "filter-type", connect_and_close, answer, NULL, select_closes, NULL, 0 },
	{ "filter-accept", accept_and_close, complete, NULL, listen_and_select_port, NULL, 0 },
	{ "filter-accept-reset", accept_and_close, complete_and_reset, NULL, listen_and_select_port,
	  NULL, 0 },
	{ "filter-accept-task", accept_and_close, complete, NULL, listen_and_select_task, NULL, 0 },
	{ "filter-accept-type", accept_and_close, complete, NULL, listen_and_select_closes, NULL,
	  0 },
	{ "filter-added", connect_and_close, answer, NULL, NULL, select_next_port_now, 1 },
	{ "filter-sport-added", connect_and_close, answer, NULL, NULL, select_local_port_now, 1 },
	{ "filter-added-refused", connect_and_close, refuse, NULL, NULL, select_next_port_now, 1 },
	{ "filter-removed", connect_and_close, answer, NULL, select_next_port, select_all_ports,
	  1 },
	{ "filter-removed-refused", connect_and_close, refuse, NULL, select_next_port,
	  select_all_ports, 1 },
	{ "filter-removed-crossed", connect_and_close, cross, NULL, select_next_port,
	  select_all_ports, 1 },
	{ "filter-sport-removed", connect_and_close, answer, NULL, select_local_port,
	  select_all_local_ports, 1 },
	{ "filter-changed", connect_and_close, answer, NULL, NULL, select_and_select_all, 1 },
	{ "filter-accept-added", accept_and_close, complete, NULL, listen_before,
	  select_second_task_now, 1 },
	{ "filter-accept-removed", accept_and_close, complete, NULL, listen_and_select_port,
	  select_all_of_listener, 1 },
	{ "filter-accept-removed-task", accept_and_close, complete, NULL, listen_and_select_task,
	  select_all_tasks, 1 },
	{},
};
