// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One end that connects. */
#include <stddef.h>

#include "scenarios.h"
#include "steps.h"
#include "story.h"
#include "tcp.h"

/* The first or second connection's. */
static void wait_syn_sent(int conn)
{
	wait_until(syn_is_sent, conn);
}

/* ---- tasks ---- */

static void connect_and_close(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_close(0, 0);
}

static void connect_unblocked_and_close(void)
{
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_NONBLOCK);
	sys_connect_wait(0);
	sys_close(0, 0);
}

static void connect_and_give_up(void)
{
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_NONBLOCK);
	sys_close(0, 0);
}

static void connect_ask_and_give_up(void)
{
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_NONBLOCK);
	sys_getsockopt_error(0);
	sys_close(0, 0);
}

static void connect_without_port(void)
{
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_NO_PORT);
	sys_close(0, 0);
}

static void connect_deferred(void)
{
	sys_socket(0);
	sys_connect(0, PORT, CONNECT_DEFER);
	sys_send_first(0);
	sys_connect_wait(0);
	sys_close(0, 0);
}

static void connect_and_shut(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_shutdown(0, 2);
	sys_close(0, 0);
}

static void connect_and_shut_both(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_shutdown(0, 3);
	sys_close(0, 0);
}

static void connect_and_linger(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_close(0, CLOSE_LINGER_0);
}

static void connect_and_disconnect(void)
{
	sys_socket(0);
	sys_connect(0, PORT, 0);
	sys_disconnect(0);
	sys_close(0, 0);
}

/* The address is another connection's as soon as the first one's sock is destroyed. */
static void connect_anew(void)
{
	connect_and_close();
	sys_socket(0);
	sys_connect(0, PORT + 1, 0);
	sys_close(0, 0);
}

/* ---- what arrives ---- */

static void answer(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_ACK);
	arrives(0, PACKET_FIN);
	all_ends(0, 1);
}

static void answer_and_end(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_DATA);
	arrives(0, PACKET_FIN);
	arrives(0, PACKET_ACK);
	all_ends(0, 1);
}

static void answer_and_reset(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void refuse(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void time_out(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_TIMEOUT);
	all_ends(0, 1);
}

static void forbid(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_ICMP);
	arrives(0, PACKET_TIMEOUT);
	all_ends(0, 1);
}

static void cross(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_SYN);
	arrives(0, PACKET_ACK);
	arrives(0, PACKET_FIN);
	arrives(0, PACKET_ACK);
	all_ends(0, 1);
}

static void answer_twice(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_FIN);
	wait_syn_sent(1);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_ACK);
	all_ends(0, 2);
}

static void refuse_and_answer(void)
{
	wait_syn_sent(0);
	arrives(0, PACKET_RST);
	wait_syn_sent(1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

static void answer_anew(void)
{
	answer();
	wait_syn_sent(1);
	arrives(0, PACKET_SYNACK);
	all_ends(0, 2);
}

/* ---- addresses ---- */

static void use_ipv6(void)
{
	world.stage.addresses = ADDRESSES_IPV6;
}

static void use_mapped(void)
{
	world.stage.addresses = ADDRESSES_MAPPED;
}

const struct scenario scenarios_client[] = {
	{ "connect", connect_and_close, answer, NULL, NULL, NULL, 0 },
	{ "connect-nonblocking", connect_unblocked_and_close, answer, NULL, NULL, NULL, 0 },
	{ "connect-peer-ends", connect_and_close, answer_and_end, NULL, NULL, NULL, 0 },
	{ "connect-reset", connect_and_close, answer_and_reset, NULL, NULL, NULL, 0 },
	{ "connect-crossed", connect_and_close, cross, NULL, NULL, NULL, 0 },
	{ "connect-refused", connect_and_close, refuse, NULL, NULL, NULL, 0 },
	{ "connect-timed-out", connect_and_close, time_out, NULL, NULL, NULL, 0 },
	{ "connect-icmp", connect_and_close, forbid, NULL, NULL, NULL, 0 },
	{ "connect-icmp-nonblocking", connect_unblocked_and_close, forbid, NULL, NULL, NULL, 0 },
	{ "connect-given-up", connect_and_give_up, answer, NULL, NULL, NULL, 0 },
	{ "connect-given-up-icmp", connect_and_give_up, forbid, NULL, NULL, NULL, 0 },
	{ "connect-asked-icmp", connect_ask_and_give_up, forbid, NULL, NULL, NULL, 0 },
	{ "connect-no-port", connect_without_port, NULL, NULL, NULL, NULL, 0 },
	{ "connect-deferred", connect_deferred, answer, NULL, NULL, NULL, 0 },
	{ "shutdown", connect_and_shut, answer, NULL, NULL, NULL, 0 },
	{ "shutdown-peer-ends", connect_and_shut, answer_and_end, NULL, NULL, NULL, 0 },
	{ "shutdown-reset", connect_and_shut, answer_and_reset, NULL, NULL, NULL, 0 },
	{ "shutdown-both", connect_and_shut_both, answer_and_end, NULL, NULL, NULL, 0 },
	{ "linger-0", connect_and_linger, answer, NULL, NULL, NULL, 0 },
	{ "disconnect", connect_and_disconnect, answer_and_end, NULL, NULL, NULL, 0 },
	{ "connect-again", step_connect_again, refuse_and_answer, NULL, NULL, NULL, 0 },
	{ "connect-anew", connect_anew, answer_anew, NULL, NULL, NULL, 0 },
	{ "connect-twice", step_connect_twice, answer_twice, NULL, NULL, NULL, 0 },
	{ "ipv6", connect_anew, answer_anew, NULL, use_ipv6, NULL, 1 },
	{ "ipv6-refused", step_connect_again, refuse_and_answer, NULL, use_ipv6, NULL, 1 },
	{ "ipv6-icmp", connect_unblocked_and_close, forbid, NULL, use_ipv6, NULL, 0 },
	{ "ipv6-crossed", connect_and_close, cross, NULL, use_ipv6, NULL, 1 },
	{ "v4-mapped", connect_anew, answer_anew, NULL, use_mapped, NULL, 1 },
	{ "v4-mapped-refused", step_connect_again, refuse_and_answer, NULL, use_mapped, NULL, 1 },
	{},
};
