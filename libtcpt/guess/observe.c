// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Observes the life of a connection from both its ends. */
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include "base/random.h"
#include "guess/figures.h"
#include "guess/guess.h"
#include "guess/kmem.h"
#include "guess/needles.h"
#include "guess/snapshot.h"
#include "internal.h"
#include "tcpt_abi.h"

#define UNUSUAL_FD 64 /* beyond what files_struct has room for in itself */
#define CONNECTION_TRIES 4
#define QUIET_TRIES 4
#define DESCRIPTORS (2 * UNUSUAL_FD) /* room for an unusual descriptor and for the others */

/*
 * These are values of sk_shutdown, made of RCV_SHUTDOWN and SEND_SHUTDOWN of
 * include/net/sock.h.
 */
enum shutdown_value {
	DOWN_NONE = 0,
	DOWN_PEER = 1,
	DOWN_LOCAL = 2,
	DOWN_BOTH = 3
};

/* ---- what all experiments use ---- */

int observe_keep(struct tcpt_guess *guess, struct snapshot *snap, int err)
{
	if (!err && (guess->snapshots == SNAPSHOTS_MAX || snap->is_overfull))
		err = -ENOSPC;
	if (err)
		snapshot_free(snap);
	else
		guess->snap[guess->snapshots++] = snap;
	return err;
}

/* Drops all snapshots but the first count ones. */
static void drop(struct tcpt_guess *guess, unsigned int count)
{
	while (guess->snapshots > count)
		snapshot_free(guess->snap[--guess->snapshots]);
}

struct snapshot *observe_snapshot(struct tcpt_guess *guess, const char *what)
{
	struct snapshot *snap = snapshot_new(what);

	if (!snap)
		return NULL;
	snap->connection = guess->connections;
	snap->netns = guess->namespaces;
	snap->fdtable = guess->fdtables;
	if (guess->netns.inode)
		snapshot_need(snap, F_NET_INUM, &guess->netns.inode);
	return snap;
}

struct snapshot *observe_socket(struct tcpt_guess *guess, const char *what, int fd)
{
	struct snapshot *snap = observe_snapshot(guess, what);

	if (!snap)
		return NULL;
	snap->fd = fd;
	needles_of_socket(snap, fd);
	needles_of_protocol(snap, fd);
	return snap;
}

int observe_error(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int field,
		  bool has_error)
{
	socklen_t size = sizeof(int);
	int error = 0, err;

	if (!snap)
		return -ENOMEM;
	err = kmem_read_sock(guess->kmem, sock, snap);
	if (!err && has_error &&
	    (getsockopt(snap->fd, SOL_SOCKET, SO_ERROR, &error, &size) || !error))
		err = -ETIME;
	snapshot_need(snap, field, &error);
	return observe_keep(guess, snap, err);
}

int observe_try(struct tcpt_guess *guess, observe_fn *experiment)
{
	int err = -ETIME;

	/*
	 * The hook missed a change, or the error has not come to the sock yet: this connection
	 * shows nothing, so try another one.
	 */
	for (int tries = 0; err == -ETIME && tries < CONNECTION_TRIES; tries++) {
		unsigned int before = guess->snapshots;
		struct pair pair;

		pair_init(&pair, PAIR_IPV4, false);
		err = experiment(guess, &pair);
		if (!err)
			return 0;
		pair_close(&pair);
		drop(guess, before);
	}
	return err;
}

int observe_connect(struct tcpt_guess *guess, struct pair *pair, int to, uint64_t *sock)
{
	struct snapshot *snap = snapshot_new("");
	int err;

	if (!snap)
		return -ENOMEM;
	guess->connections++;
	kmem_arm_sock(guess->kmem, 1U << TCPT_SYN_SENT);
	err = pair_connect(pair, to);
	if (!err)
		err = kmem_take_sock(guess->kmem, snap);
	*sock = snap->sock;
	snapshot_free(snap);
	return err;
}

int observe_new_pair(struct tcpt_guess *guess, struct pair *pair, uint64_t *sock)
{
	int listener = pair_listen(pair), err;

	if (listener < 0)
		return listener;
	err = observe_connect(guess, pair, listener, sock);
	if (!err)
		err = pair_accept(pair, listener);
	close(listener);
	return err;
}

int observe_quiet(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int fd)
{
	struct figures before, after;
	int err = 0;

	for (int tries = 0; !err && tries < QUIET_TRIES; tries++) {
		err = figures_read(&before, fd);
		if (!err)
			err = kmem_read_sock(guess->kmem, sock, snap);
		if (!err)
			err = figures_read(&after, fd);
		if (!err && figures_equal(&before, &after)) {
			needles_of_figures(snap, &after, guess->all_fields);
			return 0;
		}
	}
	return err;
}

/* ---- a connection ---- */

struct observation {
	struct tcpt_guess *guess;
	struct pair pair;
	uint64_t client_sock;
	uint64_t server_sock;
};

static struct snapshot *end_snapshot(struct observation *o, bool is_client, const char *what,
				     unsigned char shutdown_value)
{
	struct snapshot *snap;
	char label[sizeof(snap->label)];
	int no_error = 0;

	snprintf(label, sizeof(label), "%s %s, %s", pair_kind_name(o->pair.kind),
		 is_client ? "client" : "server", what);
	snap = observe_snapshot(o->guess, label);
	if (!snap)
		return NULL;
	snap->fd = is_client ? o->pair.client : o->pair.server;
	if (needles_of_end(snap, snap->fd, is_client)) {
		snapshot_free(snap);
		return NULL;
	}
	snapshot_need(snap, F_SK_ERR, &no_error);
	snapshot_need(snap, F_SK_SHUTDOWN, &shutdown_value);
	return snap;
}

static int observe_end(struct observation *o, bool is_client, const char *what,
		       unsigned char shutdown_value)
{
	struct snapshot *snap = end_snapshot(o, is_client, what, shutdown_value);
	uint64_t sock = is_client ? o->client_sock : o->server_sock;

	if (!snap)
		return -ENOMEM;
	return observe_keep(o->guess, snap, observe_quiet(o->guess, snap, sock, snap->fd));
}

int observe_limits(const struct tcpt_guess *guess)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= DESCRIPTORS)
		return 0;
	return log_error(guess->log, -EMFILE,
			 "%u descriptors are too few to find the fields of descriptor tables: "
			 "allow %u (ulimit -n)",
			 (unsigned int)limit.rlim_cur, DESCRIPTORS);
}

/* Chooses a descriptor for which files_struct itself has no room, within the process's limit. */
static int unusual_fd(void)
{
	struct rlimit limit;
	unsigned char random;

	random_bytes(&random, sizeof(random));
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < UNUSUAL_FD + 512)
		random %= limit.rlim_cur - UNUSUAL_FD - 32;
	return UNUSUAL_FD + 1 + random;
}

/*
 * Gives the socket an unusual place in the descriptor table, and reads the task that
 * leads to it.
 */
static int add_task(struct observation *o, struct snapshot *snap)
{
	int fd = fcntl(snap->fd, F_DUPFD_CLOEXEC, unusual_fd());

	if (fd < 0)
		return -errno;
	snap->fd = fd;
	return kmem_read_task(o->guess->kmem, snap);
}

/*
 * Observes a half-close. The hook then sees the sock still in its old state, but with
 * sk_shutdown set.
 */
static int observe_shutdown(struct observation *o, bool is_client, unsigned int state,
			    unsigned char shutdown_value)
{
	struct snapshot *snap = end_snapshot(o, is_client, "half-closing", shutdown_value);
	struct figures figures;
	int err;

	if (!snap)
		return -ENOMEM;
	if (!figures_read(&figures, snap->fd))
		snapshot_need(snap, F_SKC_STATE, &figures.state);
	kmem_arm_sock(o->guess->kmem, 1U << state);
	err = shutdown(snap->fd, SHUT_WR) ? -errno : kmem_take_sock(o->guess->kmem, snap);
	if (!err && !is_client) {
		o->server_sock = snap->sock;
		err = add_task(o, snap);
	}
	return observe_keep(o->guess, snap, err);
}

static int await_fin(int fd)
{
	return pair_await(fd, POLLRDHUP);
}

static int observe_life(struct observation *o)
{
	int err = pair_exchange(&o->pair);

	if (!err)
		err = observe_end(o, true, "established", DOWN_NONE);
	if (!err)
		err = observe_shutdown(o, false, TCPT_FIN_WAIT1, DOWN_LOCAL);
	if (!err)
		err = await_fin(o->pair.client);
	if (!err)
		err = observe_end(o, true, "peer has closed", DOWN_PEER);
	if (!err)
		err = observe_end(o, false, "has half-closed", DOWN_LOCAL);
	pair_deafen(&o->pair);
	if (!err)
		err = observe_shutdown(o, true, TCPT_LAST_ACK, DOWN_BOTH);
	return err;
}

/* Leaves the sockets open: what they point at is read later. */
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind)
{
	struct observation o = { .guess = guess };
	unsigned int before = guess->snapshots;
	int err;

	pair_init(&o.pair, kind, guess->netns.any_ipv6);
	err = observe_new_pair(guess, &o.pair, &o.client_sock);
	if (!err)
		err = observe_life(&o);
	if (!err)
		return 0;
	pair_close(&o.pair);
	drop(guess, before);
	return err;
}
