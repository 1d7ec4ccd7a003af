// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The end that accepts: sock 0 listens, sock 1 is its child. */
#include <stddef.h>

#include "scenarios.h"
#include "tcp.h"

#define LISTENER 0
#define CHILD 1
#define PORT 80
#define PEER 5000

static void prepare(void)
{
	sock_erase(LISTENER);
	world.sock[LISTENER].sk.sk_socket = &world.sock[LISTENER].socket;
	sys_bind(LISTENER, PORT);
	world.sock[LISTENER].sk.__sk_common.skc_state = TCPT_LISTEN;
}

static void accept_and_close(void)
{
	int child = sys_accept(LISTENER, 0);

	sys_close(child, 0);
	sys_close(LISTENER, 0);
}

static void accept_foreign(void)
{
	int child = sys_accept(LISTENER, ACCEPT_FOREIGN);

	sys_close(child, 0);
	sys_close(LISTENER, 0);
}

static void accept4_and_close(void)
{
	int child = sys_accept(LISTENER, ACCEPT_4);

	sys_close(child, 0);
	sys_close(LISTENER, 0);
}

static void close_listener(void)
{
	sys_close(LISTENER, 0);
}

static void complete(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_DATA);
	arrives(CHILD, PACKET_FIN);
	arrives(CHILD, PACKET_ACK);
	all_ends(CHILD, 1);
}

static void complete_and_reset(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_RST);
	all_ends(CHILD, 1);
}

static void fast_open(void)
{
	fast_open_arrives(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_ACK);
	arrives(CHILD, PACKET_FIN);
	arrives(CHILD, PACKET_ACK);
	all_ends(CHILD, 1);
}

static void complete_two(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_RST);
	handshake_completes(LISTENER, CHILD + 1, PEER + 1);
	arrives(CHILD + 1, PACKET_FIN);
	all_ends(CHILD, 1);
	all_ends(CHILD + 1, 2);
}

static void accept_one(void)
{
	int child = sys_accept(LISTENER, 0);

	if (child >= 0)
		sys_close(child, 0);
}

/* Who waits in accept() is woken, and what waits to be accepted is reset. */
static void shut_listener(void)
{
	free_point();
	sys_shutdown(LISTENER, 1);
}

static void prepare_ipv6(void)
{
	world.stage.addresses = ADDRESSES_IPV6;
	prepare();
}

static void prepare_mapped(void)
{
	world.stage.addresses = ADDRESSES_MAPPED;
	prepare();
}

const struct scenario scenarios_server[] = {
	{ "accept", accept_and_close, complete, NULL, prepare, NULL, 0 },
	{ "accept-reset", accept_and_close, complete_and_reset, NULL, prepare, NULL, 0 },
	{ "accept-fast-open", accept_and_close, fast_open, NULL, prepare, NULL, 0 },
	{ "accept-foreign", accept_foreign, complete, NULL, prepare, NULL, 0 },
	{ "accept4", accept4_and_close, complete, NULL, prepare, NULL, 1 },
	{ "listener-closed", close_listener, complete, NULL, prepare, NULL, 0 },
	{ "listener-shut", accept_one, complete, shut_listener, prepare, NULL, 1 },
	{ "listener-shut-reset", accept_one, complete_and_reset, shut_listener, prepare, NULL, 1 },
	{ "accept-two", accept_one, complete_two, accept_one, prepare, NULL, 1 },
	{ "ipv6-accept", accept_and_close, complete, NULL, prepare_ipv6, NULL, 1 },
	{ "v4-mapped-accept", accept_and_close, complete, NULL, prepare_mapped, NULL, 1 },
	{},
};
