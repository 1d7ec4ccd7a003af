// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes connections that end with an error. The sock keeps the error until SO_ERROR
 * returns it and clears it, so each one is seen with the error and without it.
 */
#include <poll.h>

#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

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

static int observe_both(struct tcpt_guess *guess, const char *what, int fd, uint64_t sock)
{
	int err = pair_await(fd, POLLERR);
	struct snapshot *snap = err ? NULL : observe_socket(guess, what, fd);

	if (snap)
		need_sport(snap, fd);
	if (!err)
		err = observe_error(guess, snap, sock, F_SK_ERR, true);
	if (err)
		return err;
	snap = observe_socket(guess, "error taken out", fd);
	return observe_error(guess, snap, sock, F_SK_ERR, false);
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

int observe_failures(struct tcpt_guess *guess)
{
	int err = observe_try(guess, observe_refusal);

	return err ? err : observe_try(guess, observe_reset);
}
