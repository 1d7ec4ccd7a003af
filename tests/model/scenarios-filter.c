// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Filters that are set before, while, or no longer when something happens. */
#include <stddef.h>

#include "maps.h"
#include "scenarios.h"
#include "steps.h"
#include "tcp.h"
#include "tool.h"

/* ---- filters before ---- */

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

static void select_connects(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_TYPE, TCPT_ABI_CONNECT);
}

/* The first connection is hidden, by its local port or by that of the other end. */
static void hide_local_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_SPORT + TCPT_ABI_FILTER_NOT, 1001);
}

static void hide_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_DPORT + TCPT_ABI_FILTER_NOT, PORT);
}

static void hide_first_task(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_UID + TCPT_ABI_FILTER_NOT, tasks[0].uid);
}

#define NETWORK 0x0200007f /* connections go to 127.0.0.2, and come from 127.0.0.3 */

static void select_network(void)
{
	tool_begin_network(TCPT_ABI_FILTER_DADDR, NETWORK, 31);
}

static void hide_network(void)
{
	tool_begin_network(TCPT_ABI_FILTER_DADDR + TCPT_ABI_FILTER_NOT, NETWORK, 31);
}

static void select_address(void)
{
	tool_begin_network(TCPT_ABI_FILTER_DADDR, NETWORK, 32);
}

static void hide_local_network(void)
{
	tool_begin_network(TCPT_ABI_FILTER_SADDR + TCPT_ABI_FILTER_NOT, 0x0000007f, 8);
}

static void select_servers(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_ROLE, TCPT_ABI_SERVER);
}

static void select_second_name(void)
{
	tool_begin_comm(TCPT_ABI_FILTER_COMM, 1);
}

static void hide_connects(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_TYPE + TCPT_ABI_FILTER_NOT, TCPT_ABI_CONNECT);
}

static void listen_and_hide_servers(void)
{
	step_listen();
	tool_begin_filter(TCPT_ABI_FILTER_ROLE + TCPT_ABI_FILTER_NOT, TCPT_ABI_SERVER);
}

static void listen_and_select_network(void)
{
	step_listen();
	select_network();
}

static void listen_and_select_address(void)
{
	step_listen();
	select_address();
}

static void listen_and_hide_task(void)
{
	step_listen();
	hide_first_task();
}

/* The first task guesses. */
static void leave_first_out(void)
{
	tool_leave_out(0);
}

static void listen_and_select_port(void)
{
	step_listen();
	select_port();
}

static void listen_and_select_task(void)
{
	step_listen();
	select_second_task();
}

static void listen_and_select_closes(void)
{
	step_listen();
	select_closes();
}

/* ---- tasks ---- */

static void connect_anew(void)
{
	step_connect_and_close();
	sys_socket(0);
	sys_connect(0, PORT + 1, 0);
	free_point();
	sys_close(0, 0);
}

/* ---- what arrives ---- */

static void cross(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYN);
	arrives(0, PACKET_ACK);
	all_ends(0, 1);
}

static void answer_twice(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	step_answer_next();
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
	{ "filter-hides", connect_anew, step_answer_anew, NULL, step_select_next_port, NULL, 0 },
	{ "filter-hides-next", connect_anew, step_answer_anew, NULL, select_port, NULL, 0 },
	{ "filter-sport", connect_anew, step_answer_anew, NULL, select_local_port, NULL, 0 },
	{ "filter-not-sport", connect_anew, step_answer_anew, NULL, hide_local_port, NULL, 0 },
	{ "filter-not-dport", connect_anew, step_answer_anew, NULL, hide_port, NULL, 0 },
	{ "filter-not-task", step_connect, step_answer, step_close_opened, hide_first_task, NULL,
	  1 },
	{ "filter-accept-not-task", step_accept_and_close, step_complete, NULL,
	  listen_and_hide_task, NULL, 0 },
	{ "filter-network", connect_anew, step_answer_anew, NULL, select_network, NULL, 0 },
	{ "filter-not-network", connect_anew, step_answer_anew, NULL, hide_network, NULL, 0 },
	{ "filter-not-local-network", connect_anew, step_answer_anew, NULL, hide_local_network,
	  NULL, 0 },
	{ "filter-role", connect_anew, step_answer_anew, NULL, select_servers, NULL, 0 },
	{ "filter-name", step_connect, step_answer, step_close_opened, select_second_name, NULL,
	  1 },
	{ "filter-type-not", step_connect_and_close, step_answer, NULL, hide_connects, NULL, 0 },
	{ "filter-accept-network", step_accept_and_close, step_complete, NULL,
	  listen_and_select_network, NULL, 0 },
	{ "filter-accept-address", step_accept_and_close, step_complete, NULL,
	  listen_and_select_address, NULL, 0 },
	{ "filter-accept-not-role", step_accept_and_close, step_complete, NULL,
	  listen_and_hide_servers, NULL, 0 },
	{ "filter-refused", step_connect_again, step_refuse_and_answer, NULL, step_select_next_port,
	  NULL, 0 },
	{ "filter-sport-refused", step_connect_again, step_refuse_and_answer, NULL,
	  select_local_port, NULL, 0 },
	{ "filter-twice", step_connect_twice, answer_twice, NULL, step_select_next_port, NULL, 0 },
	{ "filter-crossed", step_connect_and_close, cross, NULL, step_select_next_port, NULL, 0 },
	{ "filter-passed-on", step_connect, step_answer, step_close_opened, select_first_task, NULL,
	  1 },
	{ "filter-hides-passed-on", step_connect, step_answer, step_close_opened,
	  select_second_task, NULL, 1 },
	{ "filter-type", step_connect_and_close, step_answer, NULL, select_closes, NULL, 0 },
	{ "filter-type-connects", step_connect_and_close, step_answer, NULL, select_connects, NULL,
	  0 },
	{ "filter-guess", step_connect_and_close, step_answer, NULL, leave_first_out, NULL, 1 },
	{ "filter-accept", step_accept_and_close, step_complete, NULL, listen_and_select_port, NULL,
	  0 },
	{ "filter-accept-reset", step_accept_and_close, complete_and_reset, NULL,
	  listen_and_select_port, NULL, 0 },
	{ "filter-accept-task", step_accept_and_close, step_complete, NULL, listen_and_select_task,
	  NULL, 0 },
	{ "filter-accept-type", step_accept_and_close, step_complete, NULL,
	  listen_and_select_closes, NULL, 0 },
	{ "filter-added", step_connect_and_close, step_answer, NULL, NULL, select_next_port_now,
	  1 },
	{ "filter-sport-added", step_connect_and_close, step_answer, NULL, NULL,
	  select_local_port_now, 1 },
	{ "filter-added-refused", step_connect_and_close, step_refuse, NULL, NULL,
	  select_next_port_now, 1 },
	{ "filter-removed", step_connect_and_close, step_answer, NULL, step_select_next_port,
	  select_all_ports, 1 },
	{ "filter-removed-refused", step_connect_and_close, step_refuse, NULL,
	  step_select_next_port, select_all_ports, 1 },
	{ "filter-removed-crossed", step_connect_and_close, cross, NULL, step_select_next_port,
	  select_all_ports, 1 },
	{ "filter-sport-removed", step_connect_and_close, step_answer, NULL, select_local_port,
	  select_all_local_ports, 1 },
	{ "filter-changed", step_connect_and_close, step_answer, NULL, NULL, select_and_select_all,
	  1 },
	{ "filter-accept-replaced", step_accept_and_close, step_complete, NULL,
	  listen_and_select_port, tool_replace, 1 },
	{ "filter-accept-added", step_accept_and_close, step_complete, NULL, step_listen,
	  select_second_task_now, 1 },
	{ "filter-accept-removed", step_accept_and_close, step_complete, NULL,
	  listen_and_select_port, select_all_of_listener, 1 },
	{ "filter-accept-removed-task", step_accept_and_close, step_complete, NULL,
	  listen_and_select_task, select_all_tasks, 1 },
	{},
};
