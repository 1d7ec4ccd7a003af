// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes connections that end with an error. The sock keeps the error until SO_ERROR
 * returns it and clears it, so each one is seen with the error and without it.
 */
#include <poll.h>

#include "guess/guess.h"
#include "guess/kmem.h"
#include "guess/needles.h"
#include "guess/snapshot.h"
#include "internal.h"

static struct snapshot *failed_snapshot(struct tcpt_guess *guess, const char *what, int fd)
{
	struct snapshot *snap = observe_snapshot(guess, what);

	if (!snap)
		return NULL;
	snap->fd = fd;
	needles_of_socket(snap, fd);
	needles_of_protocol(snap, fd);
	return snap;
}

/*
 * Adds needles of the local port. inet_put_port() clears skc_num at the end of a
 * connection whose port was not chosen by bind(), and leaves inet_sport
 * (net/ipv4/inet_hashtables.c). On big-endian machines nothing else shows which of the
 * two is which.
 */
static void need_sport(struct snapshot *snap, int fd)
{
	union address local;
	socklen_t size = sizeof(local);
	uint16_t none = 0;

	if (getsockname(fd, &local.any, &size) || !local.in.sin_port)
		return;
	snapshot_need(snap, F_INET_SPORT, &local.in.sin_port);
	snapshot_need_soft(snap, F_SKC_NUM, &none);
}

static int observe_error(struct tcpt_guess *guess, const char *what, int fd, uint64_t sock)
{
	struct snapshot *snap = failed_snapshot(guess, what, fd);
	socklen_t size = sizeof(int);
	int error = 0, err;

	if (!snap)
		return -ENOMEM;
	err = kmem_read_sock(guess->kmem, sock, snap);
	if (!err && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) || !error))
		err = -EPROTO;
	snapshot_need(snap, F_SK_ERR, &error);
	need_sport(snap, fd);
	return observe_keep(guess, snap, err);
}

static int observe_taken(struct tcpt_guess *guess, int fd, uint64_t sock)
{
	struct snapshot *snap = failed_snapshot(guess, "error taken out", fd);
	int no_error = 0;

	if (!snap)
		return -ENOMEM;
	snapshot_need(snap, F_SK_ERR, &no_error);
	return observe_keep(guess, snap, kmem_read_sock(guess->kmem, sock, snap));
}

static int observe_both(struct tcpt_guess *guess, const char *what, int fd, uint64_t sock)
{
	int err = pair_await(fd, POLLERR);

	if (!err)
		err = observe_error(guess, what, fd, sock);
	if (!err)
		err = observe_taken(guess, fd, sock);
	return err;
}

/* Observes a connect to a port at which nobody listens. */
static int observe_refusal(struct tcpt_guess *guess, struct pair *pair)
{
	int to = pair_bind(pair), err;
	uint64_t sock;

	pair->any_port = true;
	if (to < 0)
		return to;
	err = observe_connect(guess, pair, to, &sock);
	if (!err)
		err = observe_both(guess, "connection refused", pair->client, sock);
	close(to);
	return err;
}

static int observe_reset(struct tcpt_guess *guess, struct pair *pair)
{
	uint64_t sock;
	int err;

	pair->any_port = true;
	err = observe_new_pair(guess, pair, &sock);

	if (err)
		return err;
	pair_reset(pair);
	return observe_both(guess, "connection reset", pair->client, sock);
}

typedef int experiment_fn(struct tcpt_guess *guess, struct pair *pair);

#define FAILURE_TRIES 4

static int try(experiment_fn *experiment, struct tcpt_guess *guess)
{
	int err = -ETIME;

	/* The hook missed a change: this connection shows nothing, so try another one. */
	for (int tries = 0; err == -ETIME && tries < FAILURE_TRIES; tries++) {
		unsigned int before = guess->snapshots;
		struct pair pair;

		pair_init(&pair, PAIR_IPV4, false);
		err = experiment(guess, &pair);
		if (!err)
			return 0;
		pair_close(&pair);
		observe_drop(guess, before);
	}
	return err;
}

int observe_failures(struct tcpt_guess *guess)
{
	int err = try(observe_refusal, guess);

	return err ? err : try(observe_reset, guess);
}
