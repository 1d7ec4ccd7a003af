// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observes connections that lose packets. A socket filter on the receiving socket drops
 * all packets before TCP sees them, until the sender has retransmitted often enough.
 * This takes about a second, because the first timeout is 200 ms.
 *
 * Each connection loses packets twice, and recovers in between. A field that counts the
 * losses of one time only then holds a smaller number.
 */
#include <linux/filter.h>

#include "base/random.h"
#include "base/wait.h"
#include "guess/figures.h"
#include "guess/guess.h"
#include "guess/needles.h"
#include "guess/snapshot.h"
#include "internal.h"

/* Far more than it takes: a busy machine makes the timeouts longer. */
#define WAIT_MS 10000
#define LOOK_MS 5

static int drop_all(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { 1, &nothing };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int drop_none(int fd)
{
	int unused = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) ? -errno : 0;
}

static bool has_retransmitted(const struct figures *figures, uint32_t times)
{
	return figures->total_retrans >= times;
}

static bool is_acknowledged(const struct figures *figures, uint32_t unused)
{
	(void)unused;
	return !figures->unacked;
}

static int await_figures(int fd, bool (*reached)(const struct figures *figures, uint32_t times),
			 uint32_t times)
{
	struct figures figures;
	int err = 0;

	for (int ms = 0; !err && ms < WAIT_MS; ms += LOOK_MS) {
		err = figures_read(&figures, fd);
		if (!err && reached(&figures, times))
			return 0;
		wait_ns(LOOK_MS * 1000000);
	}
	return err ? err : -ETIMEDOUT;
}

/* Sends 2 random bytes or more: their number must not look like that of the packets. */
static int send_random(int fd)
{
	unsigned char bytes[768];
	uint16_t random;
	ssize_t sent;
	size_t size;

	random_bytes(&random, sizeof(random));
	size = 2 + random % (sizeof(bytes) - 2);
	random_bytes(bytes, size);
	sent = send(fd, bytes, size, MSG_NOSIGNAL);
	return sent == (ssize_t)size ? 0 : sent < 0 ? -errno : -ENOBUFS;
}

static int lose(const struct pair *pair, uint32_t times)
{
	int err = drop_all(pair->server);

	if (!err)
		err = send_random(pair->client);
	if (!err)
		err = await_figures(pair->client, has_retransmitted, times);
	if (!err)
		err = drop_none(pair->server);
	if (!err)
		err = await_figures(pair->client, is_acknowledged, 0);
	return err;
}

static int observe_lossy(struct tcpt_guess *guess, const struct pair *pair, uint64_t sock)
{
	struct snapshot *snap = observe_snapshot(guess, "client that has lost packets");

	if (!snap)
		return -ENOMEM;
	snap->fd = pair->client;
	needles_of_socket(snap, snap->fd);
	return observe_keep(guess, snap, observe_quiet(guess, snap, sock, snap->fd));
}

static int observe_losses(struct tcpt_guess *guess, struct pair *pair, uint32_t more)
{
	uint64_t sock;
	int err = observe_new_pair(guess, pair, &sock);

	if (!err)
		err = lose(pair, 1);
	if (!err)
		err = observe_lossy(guess, pair, sock);
	if (!err)
		err = lose(pair, 2 + more);
	if (!err)
		err = observe_lossy(guess, pair, sock);
	return err;
}

/* The hook may miss a connection; observe_try() makes another one then. */
static int observe_few(struct tcpt_guess *guess, struct pair *pair)
{
	return observe_losses(guess, pair, 0);
}

static int observe_more(struct tcpt_guess *guess, struct pair *pair)
{
	return observe_losses(guess, pair, 1);
}

int observe_retransmits(struct tcpt_guess *guess, bool twice)
{
	int err = observe_try(guess, observe_few);

	return err || !twice ? err : observe_try(guess, observe_more);
}
