// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "steps.h"
#include "tcp.h"
#include "threads.h"
#include "tool.h"

int step_was_opened(int conn)
{
	return conn < world.conns && world.truth[conn].opened;
}

void step_listen(void)
{
	sock_erase(LISTENER);
	world.sock[LISTENER].sk.sk_socket = &world.sock[LISTENER].socket;
	sys_bind(LISTENER, PORT);
	world.sock[LISTENER].sk.__sk_common.skc_state = TCPT_LISTEN;
}

void step_select_next_port(void)
{
	tool_begin_filter(TCPT_ABI_FILTER_DPORT, PORT + 1);
}

void step_connect(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
}

void step_connect_and_close(void)
{
	free_point();
	step_connect();
	free_point();
	sys_close(0, 0);
}

void step_connect_twice(void)
{
	step_connect();
	sys_disconnect(0);
	sys_connect(0, PORT + 1, 0);
	sys_close(0, 0);
}

void step_connect_again(void)
{
	step_connect();
	sys_connect(0, PORT + 1, 0);
	sys_close(0, 0);
}

void step_close_opened(void)
{
	wait_until(step_was_opened, 0);
	sys_close(0, 0);
}

void step_accept_and_close(void)
{
	int child = sys_accept(LISTENER, 0);

	free_point();
	sys_close(child, 0);
	sys_close(LISTENER, 0);
}

void step_answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_FIN);
	all_ends(0, 1);
}

void step_answer_next(void)
{
	wait_until(syn_is_sent, 1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

void step_answer_anew(void)
{
	step_answer();
	step_answer_next();
}

void step_refuse(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

void step_refuse_and_answer(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_RST);
	step_answer_next();
}

void step_complete(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_FIN);
	all_ends(CHILD, 1);
}
