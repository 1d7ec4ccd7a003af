// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Connections and connects that are older than the trace: sock 0 or its child 1. */
#include <stddef.h>

#include <bpf/bpf_endian.h>

#include "maps.h"
#include "scenarios.h"
#include "steps.h"
#include "story.h"
#include "tcp.h"
#include "tool.h"
#include "truth.h"

/* ---- before ---- */

static void make_sock(int sock, int state, int port)
{
	struct model_sock *s = &world.sock[sock];

	sock_erase(sock);
	s->sk.sk_socket = &s->socket;
	s->sk.__sk_common.skc_state = state;
	s->sk.__sk_common.skc_num = port;
	s->inet.inet_sport = bpf_ntohs(port);
	s->sk.__sk_common.skc_rcv_saddr = 0x0100007f;
	s->sk.__sk_common.skc_daddr = 0x0200007f;
	s->sk.__sk_common.skc_dport = bpf_ntohs(PORT);
}

static void take_stock_begins(void)
{
	tool_control()->existing = TCPT_ABI_TAKING_STOCK;
}

/* What it has carried, with the SYN. */
static void carry(int sock)
{
	struct truth *truth = truth_of(sock);

	truth->sent = 50;
	truth->received = 70;
	world.sock[sock].tcp.bytes_acked = 51;
	world.sock[sock].tcp.bytes_received = 70;
	world.sock[sock].tcp.srtt_us = 800;
	truth->srtt = 100;
}

static void open_before(void)
{
	make_sock(0, TCPT_ESTABLISHED, 1001);
	truth_older(0, OLDER_OPEN, TCPT_ABI_CLIENT, 0);
	carry(0);
	take_stock_begins();
}

static void connecting_before(void)
{
	make_sock(0, TCPT_SYN_SENT, 1001);
	truth_older(0, OLDER_CONNECTING, TCPT_ABI_CLIENT, 0);
	take_stock_begins();
}

/* Filters select its task, or another one. */
static void open_selected(void)
{
	open_before();
	tool_begin_filter(TCPT_ABI_FILTER_PID, tasks[0].pid);
}

static void open_hidden(void)
{
	open_before();
	tool_begin_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

static void connecting_hidden(void)
{
	connecting_before();
	tool_begin_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

/* The same before the first hook is attached. */
static void load_open(void)
{
	open_before();
	world.stage.hooks[0] = 0;
}

static void load_connecting(void)
{
	connecting_before();
	world.stage.hooks[0] = 0;
}

/* ---- tasks ---- */

static void close_it(void)
{
	free_point();
	sys_close(0, 0);
}

static void shut_and_close(void)
{
	free_point();
	sys_shutdown(0, 2);
	free_point();
	sys_close(0, 0);
}

static void linger_and_close(void)
{
	free_point();
	sys_close(0, CLOSE_LINGER_0);
}

static void disconnect_and_connect(void)
{
	free_point();
	sys_disconnect(0);
	free_point();
	sys_connect(0, PORT + 1, 0);
	free_point();
	sys_close(0, 0);
}

static void await_and_close(void)
{
	free_point();
	sys_connect_wait(0);
	free_point();
	sys_close(0, 0);
}

/* Another task does. */
static void leave_it(void)
{
}

static void take_stock_and_select_all(void)
{
	tool_take_stock();
	tool_remove_filter(TCPT_ABI_FILTER_UID, tasks[1].uid);
}

/* ---- what arrives ---- */

static void ends(void)
{
	arrives(0, PACKET_FIN);
	arrives(0, PACKET_ACK);
	all_ends(0, 1);
}

static void resets(void)
{
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void answers(void)
{
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_FIN);
	all_ends(0, 1);
}

const struct scenario scenarios_older[] = {
	{ "older-closed", close_it, ends, NULL, open_before, tool_take_stock, 1 },
	{ "older-reset", close_it, resets, NULL, open_before, tool_take_stock, 1 },
	{ "older-shut", shut_and_close, ends, NULL, open_before, tool_take_stock, 1 },
	{ "older-linger-0", linger_and_close, ends, NULL, open_before, tool_take_stock, 1 },
	{ "older-disconnected", disconnect_and_connect, step_answer_next, NULL, open_before,
	  tool_take_stock, 1 },
	{ "older-connecting", await_and_close, answers, NULL, connecting_before, tool_take_stock,
	  1 },
	{ "older-refused", await_and_close, resets, NULL, connecting_before, tool_take_stock, 1 },
	{ "older-given-up", close_it, answers, NULL, connecting_before, tool_take_stock, 1 },
	{ "older-selected", close_it, ends, NULL, open_selected, tool_take_stock, 1 },
	{ "older-hidden", close_it, ends, NULL, open_hidden, tool_take_stock, 1 },
	{ "older-hidden-disconnected", disconnect_and_connect, step_answer_next, NULL, open_hidden,
	  tool_take_stock, 1 },
	{ "older-hidden-connecting", await_and_close, answers, NULL, connecting_hidden,
	  take_stock_and_select_all, 1 },
	{ "older-hidden-passed-on", leave_it, ends, close_it, open_hidden, tool_take_stock, 1 },
	{ "load-closed", close_it, ends, NULL, load_open, tool_load, 2 },
	{ "load-shut", shut_and_close, ends, NULL, load_open, tool_load, 2 },
	{ "load-disconnected", disconnect_and_connect, step_answer_next, NULL, load_open, tool_load,
	  2 },
	{ "load-connecting", await_and_close, answers, NULL, load_connecting, tool_load, 2 },
	{ "load-refused", await_and_close, resets, NULL, load_connecting, tool_load, 2 },
	{},
};
