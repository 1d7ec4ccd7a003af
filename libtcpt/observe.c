// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The experiments: what the guesser does to make the kernel show its fields. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guess.h"
#include "tcpt_abi.h"

#define STEP_MS 1000
#define UNUSUAL_FD 64 /* beyond what files_struct holds in itself */
#define DESCRIPTORS (2 * UNUSUAL_FD) /* some of them beyond, and room for the others */

/* sk_shutdown: RCV_SHUTDOWN and SEND_SHUTDOWN of include/net/sock.h. */
enum shutdown_value { DOWN_NONE = 0, DOWN_PEER = 1, DOWN_LOCAL = 2, DOWN_BOTH = 3 };

static int keep(struct tcpt_guess *guess, struct snapshot *snap, int err)
{
	if (!err && guess->snapshots == SNAPSHOTS_MAX)
		err = -ENOSPC;
	if (err)
		snapshot_free(snap);
	else
		guess->snap[guess->snapshots++] = snap;
	return err;
}

static struct snapshot *new_snapshot(struct tcpt_guess *guess, const char *what)
{
	struct snapshot *snap = snapshot_new(what);
	uint32_t inode = guess->netns.inode;

	if (!snap)
		return NULL;
	snap->connection = guess->connections;
	snap->netns = guess->namespaces;
	snap->fdtable = guess->fdtables;
	if (inode)
		snapshot_need(snap, F_NET_INUM, &inode);
	return snap;
}

static void need_shutdown(struct snapshot *snap, unsigned char value)
{
	snapshot_need(snap, F_SK_SHUTDOWN, &value);
}

/* ---- the bound socket ---- */

/*
 * A socket bound to a multicast address receives on it but does not send from
 * it: inet_bind() sets inet_rcv_saddr and clears inet_saddr (net/ipv4/af_inet.c).
 * That tells the two copies of the local address apart.
 */
static int bind_multicast(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), err;

	if (fd < 0)
		return -errno;
	for (int tries = 0; tries < 16; tries++) {
		random_bytes(&address->sin_addr, sizeof(address->sin_addr));
		*(unsigned char *)&address->sin_addr = 239;
		address->sin_family = AF_INET;
		address->sin_port = htons(random_port());
		if (!bind(fd, (struct sockaddr *)address, sizeof(*address)))
			return fd;
		if (errno != EADDRINUSE)
			break;
	}
	err = -errno;
	close(fd);
	return err;
}

static void need_bound(struct snapshot *snap, const struct sockaddr_in *address)
{
	uint16_t num = ntohs(address->sin_port), family = AF_INET;
	unsigned char state = TCPT_LISTEN; /* the hook runs before the change to CLOSE */

	snapshot_need(snap, F_SKC_FAMILY, &family);
	snapshot_need(snap, F_SKC_STATE, &state);
	snapshot_need(snap, F_SKC_RCV_SADDR, &address->sin_addr);
	snapshot_need(snap, F_SKC_NUM, &num);
	snapshot_need(snap, F_INET_SPORT, &address->sin_port);
	need_shutdown(snap, DOWN_NONE);
}

static int observe_bell(struct tcpt_guess *guess, int fd, const struct sockaddr_in *address)
{
	struct snapshot *snap = new_snapshot(guess, "bound socket");

	if (!snap)
		return -ENOMEM;
	snap->fd = fd;
	need_bound(snap, address);
	return keep(guess, snap, kmem_read_bell(guess->kmem, snap));
}

/*
 * TCP refuses to connect to a multicast address, after the route was looked up
 * and before the sock learns where to (tcp_v4_connect): the route's key, a
 * copy of addresses and ports in inet_sock.cork, now holds other values than
 * the sock. No packet is sent.
 */
static int observe_refused(struct tcpt_guess *guess, int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(random_port()) };
	struct snapshot *snap;

	random_bytes(&to.sin_addr, sizeof(to.sin_addr));
	*(unsigned char *)&to.sin_addr = 239;
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)) || errno != ENETUNREACH)
		return 0;
	snap = new_snapshot(guess, "connect refused by the route");
	if (!snap)
		return -ENOMEM;
	snapshot_need_unlike(snap, F_SKC_DADDR, &to.sin_addr);
	snapshot_need_unlike(snap, F_SKC_DPORT, &to.sin_port);
	return keep(guess, snap, kmem_read_bell(guess->kmem, snap));
}

int observe_bound(struct tcpt_guess *guess)
{
	struct sockaddr_in address = {};
	int fd = bind_multicast(&address), err;

	if (fd < 0)
		return log_error(guess->log, fd, "cannot bind a TCP socket: %s", strerror(-fd));
	kmem_use_bell(guess->kmem, fd);
	err = observe_bell(guess, fd, &address);
	if (!err)
		err = observe_refused(guess, fd);
	if (err)
		log_error(guess->log, err,
			  "the %s hook does not see a socket change its state: %s", guess->via,
			  strerror(-err));
	return err;
}

/* ---- sockets of other families ---- */

/*
 * Without IPv6 every TCP socket has the same family, and a constant proves
 * nothing. Sockets that are not TCP have others; no hook shows them, but the
 * descriptor table does, once its fields are found.
 */
static const struct {
	int family;
	int type;
	const char *label;
} others[] = {
	{ AF_UNIX, SOCK_STREAM, "AF_UNIX socket" },
	{ AF_NETLINK, SOCK_RAW, "AF_NETLINK socket" },
};

int make_others(struct tcpt_guess *guess)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		guess->other[i] = socket(others[i].family, others[i].type | SOCK_CLOEXEC, 0);
		if (guess->other[i] < 0)
			return log_error(guess->log, -errno, "cannot make an %s: %s",
					 others[i].label, strerror(errno));
	}
	return 0;
}

static int observe_other(struct tcpt_guess *guess, size_t i, uint64_t sock)
{
	struct snapshot *snap = new_snapshot(guess, others[i].label);
	uint16_t family = others[i].family;

	if (!snap)
		return -ENOMEM;
	snapshot_need(snap, F_SKC_FAMILY, &family);
	return keep(guess, snap, kmem_read_sock(guess->kmem, sock, snap));
}

int observe_others(struct tcpt_guess *guess)
{
	uint64_t task = guess->snap[guess->snapshots - 1]->task;
	struct assignment found;
	int err = 0;

	solution_found(&guess->solution, &found);
	for (size_t i = 0; !err && i < ARRAY_SIZE(others); i++) {
		uint64_t sock = paths_walk(&found, task, guess->other[i], &guess->mem);

		if (sock)
			err = observe_other(guess, i, sock);
	}
	return err;
}

/* ---- a connection ---- */

struct observation {
	struct tcpt_guess *guess;
	struct pair pair;
	uint64_t client_sock;
};

static struct snapshot *pair_snapshot(struct observation *o, bool is_client, const char *what,
				      unsigned char shutdown_value)
{
	char label[48];
	struct snapshot *snap;

	snprintf(label, sizeof(label), "%s %s, %s", pair_kind_name(o->pair.kind),
		 is_client ? "client" : "server", what);
	snap = new_snapshot(o->guess, label);
	if (!snap)
		return NULL;
	snap->fd = is_client ? o->pair.client : o->pair.server;
	if (pair_needles(snap, snap->fd, is_client)) {
		snapshot_free(snap);
		return NULL;
	}
	need_shutdown(snap, shutdown_value);
	return snap;
}

/* Where the client's sock lies: its change to SYN_SENT tells. */
static int locate_client(struct observation *o, int listener)
{
	struct snapshot *snap = snapshot_new("");
	int err;

	if (!snap)
		return -ENOMEM;
	kmem_arm_sock(o->guess->kmem, 1U << TCPT_SYN_SENT);
	err = pair_connect(&o->pair, listener, o->guess->netns.any_ipv6);
	if (!err)
		err = kmem_take_sock(o->guess->kmem, snap);
	o->client_sock = snap->sock;
	snapshot_free(snap);
	return err;
}

static int make_pair(struct observation *o, enum pair_kind kind)
{
	int listener, err;

	o->guess->connections++;
	err = pair_listen(&o->pair, kind, o->guess->netns.any_ipv6, &listener);
	if (err)
		return err;
	err = locate_client(o, listener);
	if (!err)
		err = pair_accept(&o->pair, listener);
	close(listener);
	return err;
}

static int observe_client(struct observation *o, const char *what, unsigned char shutdown_value)
{
	struct snapshot *snap = pair_snapshot(o, true, what, shutdown_value);

	if (!snap)
		return -ENOMEM;
	return keep(o->guess, snap, kmem_read_sock(o->guess->kmem, o->client_sock, snap));
}

int observe_limits(const struct tcpt_guess *guess)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= DESCRIPTORS)
		return 0;
	return log_error(guess->log, -EMFILE,
			 "%u descriptors are too few to find the fields of descriptor tables: allow %u "
			 "(ulimit -n)",
			 (unsigned int)limit.rlim_cur, DESCRIPTORS);
}

/* Beyond what files_struct holds in itself, and within what the process may have. */
static int unusual_fd(void)
{
	struct rlimit limit;
	unsigned char random;

	random_bytes(&random, sizeof(random));
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < UNUSUAL_FD + 512)
		random %= limit.rlim_cur - UNUSUAL_FD - 32;
	return UNUSUAL_FD + 1 + random;
}

/* The socket at an unusual place in the descriptor table, and the task that leads to it. */
static int add_task(struct observation *o, struct snapshot *snap)
{
	int fd = fcntl(snap->fd, F_DUPFD_CLOEXEC, unusual_fd());

	if (fd < 0)
		return -errno;
	snap->fd = fd;
	return kmem_read_task(o->guess->kmem, snap);
}

/* A half-close shows the sock to the hook, still in its old state but with sk_shutdown set. */
static int observe_shutdown(struct observation *o, bool is_client, unsigned int state,
			    unsigned char shutdown_value)
{
	struct snapshot *snap = pair_snapshot(o, is_client, "half-closing", shutdown_value);
	int err;

	if (!snap)
		return -ENOMEM;
	kmem_arm_sock(o->guess->kmem, 1U << state);
	err = shutdown(snap->fd, SHUT_WR) ? -errno : kmem_take_sock(o->guess->kmem, snap);
	if (!err && !is_client)
		err = add_task(o, snap);
	return keep(o->guess, snap, err);
}

static int await_fin(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };

	return poll(&pfd, 1, STEP_MS) == 1 ? 0 : -ETIMEDOUT;
}

static int observe_life(struct observation *o)
{
	int err = observe_client(o, "established", DOWN_NONE);

	if (!err)
		err = observe_shutdown(o, false, TCPT_FIN_WAIT1, DOWN_LOCAL);
	if (!err)
		err = await_fin(o->pair.client);
	if (!err)
		err = observe_client(o, "peer has closed", DOWN_PEER);
	pair_deafen(&o->pair);
	if (!err)
		err = observe_shutdown(o, true, TCPT_LAST_ACK, DOWN_BOTH);
	return err;
}

/* The sockets stay open: what they point at is looked at later. */
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind)
{
	struct observation o = { .guess = guess, .pair = { .client = -1, .server = -1 } };
	unsigned int before = guess->snapshots;
	int err = make_pair(&o, kind);

	if (!err)
		err = observe_life(&o);
	if (!err)
		return 0;
	pair_close(&o.pair);
	while (guess->snapshots > before)
		snapshot_free(guess->snap[--guess->snapshots]);
	return err;
}
