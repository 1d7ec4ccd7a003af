// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The snapshots that libtcpt's observe.c and pair.c would take, in the same
 * order and with the same needles.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tcpt_abi.h"
#include "world.h"

#define UNUSUAL_FD 65

enum shutdown_value {
	SHUT_NONE = 0,
	SHUT_PEER = 1,
	SHUT_LOCAL = 2,
	SHUT_BOTH = 3
};

static uint16_t random_port_of(struct world *w)
{
	uint16_t port;

	do
		port = rng_next(&w->rng);
	while (port < 10000 || !(port & 0xff) || (port & 0xff) == port >> 8);
	return port;
}

static void set(struct facts *facts, enum field f, const void *value)
{
	memcpy(facts->value[f], value, fields[f].size);
}

static void set_u8(struct facts *facts, enum field f, uint8_t value)
{
	set(facts, f, &value);
}

static void set_u16(struct facts *facts, enum field f, uint16_t value)
{
	set(facts, f, &value);
}

static struct snapshot *add_snapshot(struct world *w, const struct facts *facts, int fd,
				     const char *label)
{
	struct snapshot *snap = snapshot_new(label);

	if (!snap || w->all == SNAPSHOTS_MAX)
		abort();
	snap->netns = w->opts.one_netns ? 0 : w->now;
	snap->fdtable = w->now;
	snap->fd = fd;
	snap->sock = w->sock[facts->sock];
	snap->task = w->task;
	w->facts[w->all] = *facts;
	w->snap[w->all++] = snap;
	if (!w->opts.no_netns)
		snapshot_need(snap, F_NET_INUM, &w->inode[snap->netns]);
	return snap;
}

static void need(struct snapshot *snap, const struct facts *facts, enum field f)
{
	snapshot_need(snap, f, facts->value[f]);
}

/* The facts of a sock in the present namespace. */
static void start_facts(struct world *w, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->sock = world_new_sock(w);
	set(facts, F_SKC_NET, &w->net[w->opts.one_netns ? 0 : w->now]);
	set(facts, F_SK_SOCKET, &w->socket[facts->sock]);
	set(facts, F_TASK_FILES, &w->files[w->now]);
}

/* ---- the bound socket ---- */

static void random_multicast(struct world *w, unsigned char *ip)
{
	rng_bytes(&w->rng, ip, 4);
	ip[0] = 239;
}

static void need_bound(struct snapshot *snap, const struct facts *facts)
{
	static const enum field known[] = { F_SKC_FAMILY, F_SKC_STATE,	F_SKC_RCV_SADDR,
					    F_SKC_NUM,	  F_INET_SPORT, F_SK_SHUTDOWN };

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		need(snap, facts, known[i]);
}

static void take_bound(struct world *w)
{
	uint16_t port = random_port_of(w), to_port = htons(random_port_of(w));
	struct snapshot *snap;
	unsigned char ip[4];
	struct facts facts;

	start_facts(w, &facts);
	w->bell = facts.sock;
	random_multicast(w, ip);
	set(&facts, F_SKC_RCV_SADDR, ip);
	set_u16(&facts, F_SKC_NUM, port);
	set_u16(&facts, F_INET_SPORT, htons(port));
	set_u16(&facts, F_SKC_FAMILY, AF_INET);
	set_u8(&facts, F_SKC_STATE, TCPT_LISTEN);
	need_bound(add_snapshot(w, &facts, 3, "bound socket"), &facts);
	snap = add_snapshot(w, &facts, -1, "connect refused by the route");
	random_multicast(w, ip);
	snapshot_need_unlike(snap, F_SKC_DADDR, ip);
	snapshot_need_unlike(snap, F_SKC_DPORT, &to_port);
}

/* ---- a connection ---- */

struct end {
	unsigned char ip[16]; /* IPv4 is mapped */
	uint16_t port;
};

static void random_end(struct world *w, enum pair_kind kind, struct end *end)
{
	end->port = random_port_of(w);
	rng_bytes(&w->rng, end->ip, 16);
	if (kind == PAIR_IPV6) {
		end->ip[0] = 0xfd;
		return;
	}
	memset(end->ip, 0, 10);
	memset(end->ip + 10, 0xff, 2);
	end->ip[12] = 127;
}

/* What the kernel keeps in a sock of this kind. */
static void end_facts(struct world *w, struct facts *facts, enum pair_kind kind, bool is_client,
		      const struct end *local, const struct end *remote)
{
	static const unsigned char no_ipv4[4] = { 127, 0, 0, 6 }; /* LOOPBACK4_IPV6 */
	bool has_ipv4 = kind != PAIR_IPV6;

	start_facts(w, facts);
	facts->ipv6_socket = kind != PAIR_IPV4;
	set(facts, F_SKC_DADDR, has_ipv4 ? remote->ip + 12 : no_ipv4);
	set(facts, F_SKC_RCV_SADDR, has_ipv4 ? local->ip + 12 : no_ipv4);
	set(facts, F_SKC_V6_DADDR, remote->ip);
	if (kind != PAIR_IPV4 || !is_client)
		set(facts, F_SKC_V6_RCV_SADDR, local->ip);
	set_u16(facts, F_SKC_DPORT, htons(remote->port));
	set_u16(facts, F_SKC_NUM, local->port);
	set_u16(facts, F_INET_SPORT, htons(local->port));
	set_u16(facts, F_SKC_FAMILY, facts->ipv6_socket ? AF_INET6 : AF_INET);
}

static void need_addresses(struct snapshot *snap, const struct facts *facts, enum pair_kind kind,
			   bool is_client)
{
	if (kind != PAIR_IPV4) {
		need(snap, facts, F_SKC_V6_DADDR);
		need(snap, facts, F_SKC_V6_RCV_SADDR);
	}
	if (kind != PAIR_IPV6) {
		need(snap, facts, F_SKC_DADDR);
		need(snap, facts, F_SKC_RCV_SADDR);
	}
	if (kind != PAIR_IPV4)
		return;
	snapshot_need_soft(snap, F_SKC_V6_DADDR, facts->value[F_SKC_V6_DADDR]);
	if (!is_client)
		snapshot_need_soft(snap, F_SKC_V6_RCV_SADDR, facts->value[F_SKC_V6_RCV_SADDR]);
}

struct life {
	struct world *w;
	enum pair_kind kind;
	int fd;
};

static struct snapshot *take(struct life *l, struct facts *facts, bool is_client,
			     unsigned char state, unsigned char shutdown_value)
{
	struct snapshot *snap;

	set_u8(facts, F_SKC_STATE, state);
	set_u8(facts, F_SK_SHUTDOWN, shutdown_value);
	snap = add_snapshot(l->w, facts, l->fd + !is_client, is_client ? "client" : "server");
	need(snap, facts, F_SKC_FAMILY);
	need(snap, facts, F_SKC_STATE);
	need(snap, facts, F_SKC_DPORT);
	need(snap, facts, F_SKC_NUM);
	need(snap, facts, F_INET_SPORT);
	need_addresses(snap, facts, l->kind, is_client);
	need(snap, facts, F_SK_SHUTDOWN);
	return snap;
}

static void add_task(struct world *w, struct snapshot *snap, unsigned int sock)
{
	if (w->opts.no_task)
		return;
	snap->fd = UNUSUAL_FD + sock + SOCKS_MAX * rng_below(&w->rng, 12);
	snap->task_bytes = calloc(1, TASK_WINDOW);
	if (!snap->task_bytes)
		abort();
	world_install(w, sock, snap->fd);
}

static void take_pair(struct world *w, enum pair_kind kind, bool with_task)
{
	struct life l = { w, kind, 4 + 2 * (int)w->socks };
	struct facts client, server;
	struct end ends[2];
	struct snapshot *snap;

	random_end(w, kind, &ends[0]);
	random_end(w, kind, &ends[1]);
	end_facts(w, &client, kind, true, &ends[0], &ends[1]);
	end_facts(w, &server, kind, false, &ends[1], &ends[0]);
	world_install(w, client.sock, l.fd);
	world_install(w, server.sock, l.fd + 1);
	take(&l, &client, true, TCPT_ESTABLISHED, SHUT_NONE);
	snap = take(&l, &server, false, TCPT_ESTABLISHED, SHUT_LOCAL);
	if (with_task)
		add_task(w, snap, server.sock);
	take(&l, &client, true, TCPT_CLOSE_WAIT, SHUT_PEER);
	take(&l, &client, true, TCPT_CLOSE_WAIT, SHUT_BOTH);
}

static void take_kinds(struct world *w)
{
	take_pair(w, PAIR_IPV4, true);
	if (w->opts.no_ipv6)
		return;
	take_pair(w, PAIR_IPV6, false);
	take_pair(w, PAIR_MAPPED, false);
}

void world_take_snapshots(struct world *w)
{
	take_bound(w);
	take_kinds(w);
	w->now = 1;
	take_kinds(w);
	w->count = w->all;
	w->solving_socks = w->socks;
	take_kinds(w);
}
