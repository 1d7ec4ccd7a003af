// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes the snapshots that libtcpt's observe.c and pair.c would take, in the same order
 * and with the same needles.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "guess/pair.h"
#include "guess/snapshot.h"
#include "guess/solution.h"
#include "internal.h"
#include "tcpt_abi.h"
#include "world.h"

#define UNUSUAL_FD 128

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

/* Values are bytes in the network's order, or numbers in the kernel's own order. */

static void set(const struct world *w, struct facts *facts, enum field f, const void *value)
{
	memcpy(facts->value[f], value, world_size(w, f));
}

static void set_number(const struct world *w, struct facts *facts, enum field f, uint64_t value)
{
	world_store(w, facts->value[f], world_size(w, f), value);
}

static void set_port(struct facts *facts, enum field f, uint16_t port)
{
	facts->value[f][0] = port >> 8;
	facts->value[f][1] = port;
}

static void need_bytes(const struct world *w, struct snapshot *snap, enum field f,
		       enum needle_kind kind, const unsigned char *bytes)
{
	struct needle *needle = &snap->needle[snap->needles++];

	if (snap->needles > NEEDLES_MAX)
		abort();
	needle->field = f;
	needle->kind = kind;
	memcpy(needle->bytes, bytes, world_size(w, f));
}

/* Adds the needle of a field as the socket calls show it. */
static void need(const struct world *w, struct snapshot *snap, const struct facts *facts,
		 enum field f)
{
	unsigned char shown[NEEDLE_SIZE];
	unsigned int size = world_size(w, f);

	memcpy(shown, facts->value[f], size);
	if (fields[f].shift)
		world_store(w, shown, size, world_value(w, shown, size) >> fields[f].shift);
	need_bytes(w, snap, f, NEEDLE_IS, shown);
}

static struct snapshot *add_snapshot(struct world *w, const struct facts *facts, int fd,
				     const char *label)
{
	struct snapshot *snap = snapshot_new(label);
	unsigned char inode[4];

	if (!snap || w->all == SNAPSHOTS_MAX)
		abort();
	snap->netns = w->opts.one_netns ? 0 : w->now;
	snap->fdtable = w->now;
	snap->fd = fd;
	snap->sock = w->sock[facts->sock];
	snap->task = w->task;
	w->facts[w->all] = *facts;
	w->snap[w->all++] = snap;
	world_store(w, inode, sizeof(inode), w->inode[snap->netns]);
	if (!w->opts.no_netns)
		need_bytes(w, snap, F_NET_INUM, NEEDLE_IS, inode);
	need(w, snap, facts, F_SKC_FAMILY);
	need(w, snap, facts, F_SKC_COOKIE);
	need(w, snap, facts, F_SK_PROTOCOL);
	return snap;
}

#define TCP 6
#define MPTCP 262

/* Begins the facts of a new sock in the present namespace. */
static void start_facts(struct world *w, struct facts *facts, uint16_t family, uint16_t protocol)
{
	memset(facts, 0, sizeof(*facts));
	facts->sock = world_new_sock(w);
	set_number(w, facts, F_SKC_NET, w->net[w->opts.one_netns ? 0 : w->now]);
	set_number(w, facts, F_SK_SOCKET, w->socket[facts->sock]);
	set_number(w, facts, F_TASK_FILES, w->files[w->now]);
	set_number(w, facts, F_SKC_FAMILY, family);
	set_number(w, facts, F_SK_PROTOCOL, protocol);
	set_number(w, facts, F_SKC_COOKIE, 1 + rng_below(&w->rng, 1 << 20));
}

/* ---- the bound socket ---- */

static void random_multicast(struct world *w, unsigned char *ip)
{
	rng_bytes(&w->rng, ip, 4);
	ip[0] = 239;
}

static void take_bound(struct world *w)
{
	static const enum field known[] = { F_SKC_STATE,  F_SKC_RCV_SADDR, F_SKC_NUM,
					    F_INET_SPORT, F_SK_ERR,	   F_SK_SHUTDOWN };
	uint16_t port = random_port_of(w), to_port = random_port_of(w);
	unsigned char ip[4], to_port_bytes[2] = { to_port >> 8, to_port };
	struct snapshot *snap;
	struct facts facts;

	start_facts(w, &facts, AF_INET, TCP);
	w->bell = facts.sock;
	random_multicast(w, ip);
	set(w, &facts, F_SKC_RCV_SADDR, ip);
	set_number(w, &facts, F_SKC_NUM, port);
	set_port(&facts, F_INET_SPORT, port);
	set_number(w, &facts, F_SKC_STATE, TCPT_LISTEN);
	snap = add_snapshot(w, &facts, 3, "bound socket");
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		need(w, snap, &facts, known[i]);
	snap = add_snapshot(w, &facts, -1, "connect refused by the route");
	random_multicast(w, ip);
	need_bytes(w, snap, F_SKC_DADDR, NEEDLE_UNLIKE, ip);
	need_bytes(w, snap, F_SKC_DPORT, NEEDLE_UNLIKE, to_port_bytes);
}

/* ---- a connection ---- */

struct end {
	unsigned char ip[16]; /* an IPv4 address is mapped */
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

/* Sets what the kernel keeps in a sock of this kind. */
static void end_facts(struct world *w, struct facts *facts, enum pair_kind kind, bool is_client,
		      const struct end *local, const struct end *remote)
{
	static const unsigned char no_ipv4[4] = { 127, 0, 0, 6 }; /* LOOPBACK4_IPV6 */
	bool has_ipv4 = kind != PAIR_IPV6;

	start_facts(w, facts, kind == PAIR_IPV4 ? AF_INET : AF_INET6, TCP);
	facts->ipv6_socket = kind != PAIR_IPV4;
	set(w, facts, F_SKC_DADDR, has_ipv4 ? remote->ip + 12 : no_ipv4);
	set(w, facts, F_SKC_RCV_SADDR, has_ipv4 ? local->ip + 12 : no_ipv4);
	set(w, facts, F_SKC_V6_DADDR, remote->ip);
	if (kind != PAIR_IPV4 || !is_client)
		set(w, facts, F_SKC_V6_RCV_SADDR, local->ip);
	set_port(facts, F_SKC_DPORT, remote->port);
	set_number(w, facts, F_SKC_NUM, local->port);
	set_port(facts, F_INET_SPORT, local->port);
}

static void need_addresses(const struct world *w, struct snapshot *snap, const struct facts *facts,
			   enum pair_kind kind, bool is_client)
{
	if (kind != PAIR_IPV4) {
		need(w, snap, facts, F_SKC_V6_DADDR);
		need(w, snap, facts, F_SKC_V6_RCV_SADDR);
	}
	if (kind != PAIR_IPV6) {
		need(w, snap, facts, F_SKC_DADDR);
		need(w, snap, facts, F_SKC_RCV_SADDR);
	}
	if (kind != PAIR_IPV4)
		return;
	need_bytes(w, snap, F_SKC_V6_DADDR, NEEDLE_SOFT, facts->value[F_SKC_V6_DADDR]);
	if (!is_client)
		need_bytes(w, snap, F_SKC_V6_RCV_SADDR, NEEDLE_SOFT,
			   facts->value[F_SKC_V6_RCV_SADDR]);
}

/* ---- figures ---- */

/* Sets the figures after an exchange of data: round trips of 20 to 500 microseconds. */
static void add_traffic(struct world *w, struct facts *facts)
{
	uint64_t acked = world_value(w, facts->value[F_BYTES_ACKED], 8);
	uint64_t received = world_value(w, facts->value[F_BYTES_RECEIVED], 8);

	set_number(w, facts, F_BYTES_ACKED, acked + 1 + rng_below(&w->rng, 2800));
	set_number(w, facts, F_BYTES_RECEIVED, received + 1 + rng_below(&w->rng, 2800));
	set_number(w, facts, F_SRTT_US, 160 + rng_below(&w->rng, 4000));
}

static void need_figures(const struct world *w, struct snapshot *snap, const struct facts *facts)
{
	if (w->opts.no_figures)
		return;
	need(w, snap, facts, F_BYTES_ACKED);
	need(w, snap, facts, F_BYTES_RECEIVED);
	need(w, snap, facts, F_SRTT_US);
	need(w, snap, facts, F_TOTAL_RETRANS);
}

/* ---- its life ---- */

struct life {
	struct world *w;
	enum pair_kind kind;
	int fd;
};

static struct snapshot *take(struct life *l, struct facts *facts, bool is_client,
			     unsigned char state, unsigned char shutdown_value)
{
	static const enum field known[] = { F_SKC_STATE,  F_SKC_DPORT, F_SKC_NUM,
					    F_INET_SPORT, F_SK_ERR,    F_SK_SHUTDOWN };
	struct snapshot *snap;

	set_number(l->w, facts, F_SKC_STATE, state);
	set_number(l->w, facts, F_SK_SHUTDOWN, shutdown_value);
	snap = add_snapshot(l->w, facts, l->fd + !is_client, is_client ? "client" : "server");
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		need(l->w, snap, facts, known[i]);
	need_addresses(l->w, snap, facts, l->kind, is_client);
	return snap;
}

static void take_quiet(struct life *l, struct facts *facts, bool is_client, unsigned char state,
		       unsigned char shutdown_value)
{
	need_figures(l->w, take(l, facts, is_client, state, shutdown_value), facts);
}

static void add_task(struct world *w, struct snapshot *snap, unsigned int sock)
{
	if (w->opts.no_task)
		return;
	snap->fd = UNUSUAL_FD + sock + SOCKS_MAX * rng_below(&w->rng, 10);
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
	add_traffic(w, &client);
	add_traffic(w, &server);
	take_quiet(&l, &client, true, TCPT_ESTABLISHED, SHUT_NONE);
	snap = take(&l, &server, false, TCPT_ESTABLISHED, SHUT_LOCAL);
	if (with_task)
		add_task(w, snap, server.sock);
	take_quiet(&l, &client, true, TCPT_CLOSE_WAIT, SHUT_PEER);
	take_quiet(&l, &server, false, TCPT_FIN_WAIT2, SHUT_LOCAL);
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

/* ---- connections that fail or lose packets ---- */

static void take_failure(struct world *w, int error)
{
	struct snapshot *snap;
	struct facts facts;

	start_facts(w, &facts, AF_INET, TCP);
	set_port(&facts, F_INET_SPORT, random_port_of(w));
	set_number(w, &facts, F_SK_ERR, error);
	snap = add_snapshot(w, &facts, 4 + 2 * (int)facts.sock, "error");
	need(w, snap, &facts, F_SK_ERR);
	need(w, snap, &facts, F_INET_SPORT);
	need_bytes(w, snap, F_SKC_NUM, NEEDLE_SOFT, facts.value[F_SKC_NUM]);
	set_number(w, &facts, F_SK_ERR, 0);
	snap = add_snapshot(w, &facts, 4 + 2 * (int)facts.sock, "error taken out");
	need(w, snap, &facts, F_SK_ERR);
}

/* Takes errors that the connection survives, each with the error and after it was taken out. */
static void take_soft_errors(struct world *w)
{
	static const int errors[] = { 113, 0, 111, 0, 92, 0 };
	struct facts facts;

	start_facts(w, &facts, AF_INET, TCP);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct snapshot *snap;

		set_number(w, &facts, F_SK_ERR_SOFT, errors[i]);
		snap = add_snapshot(w, &facts, 4 + 2 * (int)facts.sock, "ICMP error");
		need(w, snap, &facts, F_SK_ERR);
		need(w, snap, &facts, F_SK_ERR_SOFT);
	}
}

static void take_lossy(struct world *w, unsigned int more)
{
	struct facts facts;

	start_facts(w, &facts, AF_INET, TCP);
	for (unsigned int retrans = 1; retrans <= 2 + more; retrans += 1 + more) {
		add_traffic(w, &facts);
		set_number(w, &facts, F_TOTAL_RETRANS, retrans);
		need_figures(w, add_snapshot(w, &facts, 4 + 2 * (int)facts.sock, "lossy"), &facts);
	}
}

static void take_figures(struct world *w)
{
	if (w->opts.no_figures)
		return;
	take_failure(w, 111);
	take_failure(w, 104);
	take_soft_errors(w);
	take_lossy(w, 0);
	take_lossy(w, 1);
}

/* ---- sockets that are not TCP ---- */

static void take_other(struct world *w, uint16_t family, uint16_t protocol)
{
	struct facts facts;

	start_facts(w, &facts, family, protocol);
	add_snapshot(w, &facts, -1, "other");
}

/* Takes sockets that are not TCP. Only the task leads to them. */
static void take_others(struct world *w)
{
	if (w->opts.no_task)
		return;
	take_other(w, AF_UNIX, 0);
	take_other(w, AF_NETLINK, 0);
	take_other(w, AF_INET, 17);
	if (!w->opts.no_mptcp)
		take_other(w, AF_INET, MPTCP);
}

void world_take_snapshots(struct world *w)
{
	take_bound(w);
	take_kinds(w);
	take_figures(w);
	w->now = 1;
	take_kinds(w);
	w->solving_socks = w->socks;
	take_others(w);
	w->count = w->all;
	take_kinds(w);
	take_figures(w);
}
