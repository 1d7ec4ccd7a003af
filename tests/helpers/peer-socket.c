/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define RETRY_FIRST_MS 1
#define RETRY_LONGEST_MS 64
#define RETRIES 200 /* about 12 s in all */

static int protocol = IPPROTO_TCP;

void use_mptcp(void)
{
	protocol = IPPROTO_MPTCP;
}

/* Bound; of the protocol in use. */
static int make(enum family family, union address *addr)
{
	int fd = socket_new(family, protocol);

	socket_bind(fd, family, addr, 0);
	return fd;
}

int listen_at(enum family family, union address *addr)
{
	int fd = make(family, addr);

	if (listen(fd, 1024))
		die("cannot listen on port %u", address_port(addr));
	return fd;
}

static void nap_ms(long ms)
{
	struct timespec span = { ms / 1000, ms % 1000 * 1000 * 1000 };

	nanosleep(&span, NULL);
}

/*
 * Connects; when all local ports of this pair are taken (TIME_WAIT) it tries
 * again with a new socket for a bounded time.
 */
int connect_to(enum family family, const union address *addr)
{
	long ms = RETRY_FIRST_MS;

	for (int i = 0; i < RETRIES; i++) {
		int fd = socket_new(family, protocol);

		if (!connect(fd, &addr->sa, address_size(addr)))
			return fd;
		if (errno != EADDRNOTAVAIL)
			break;
		close(fd);
		retry_count();
		nap_ms(ms);
		if (ms < RETRY_LONGEST_MS)
			ms *= 2;
		errno = EADDRNOTAVAIL;
	}
	die("cannot connect to port %u", address_port(addr));
}

/* The local port is bound before, so that it is known. */
void refused_by(enum family family, const union address *addr)
{
	struct tuple tuple = { .remote = *addr };
	int fd = make(family, &tuple.local);

	if (!connect(fd, &addr->sa, address_size(addr)) || errno != ECONNREFUSED)
		die("connect to the closed port %u is not refused", address_port(addr));
	record(EVENT_FAIL, &tuple);
	close(fd);
}

void listen_mute(enum family family, union address *addr)
{
	socket_drop(listen_at(family, addr));
}

int unanswered_by(enum family family, const union address *addr, struct tuple *tuple)
{
	int fd = make(family, &tuple->local);

	tuple->remote = *addr;
	socket_nonblock(fd);
	if (!connect(fd, &addr->sa, address_size(addr)) || errno != EINPROGRESS)
		die("connect that nobody answers");
	return fd;
}

static void close_as(enum event event, int fd, const struct tuple *tuple)
{
	if (close(fd))
		die("close");
	record(event, tuple);
}

void give_up(int fd, const struct tuple *tuple)
{
	close_as(EVENT_FAIL, fd, tuple);
}

void close_end(int fd, const struct tuple *tuple)
{
	close_as(EVENT_CLOSE, fd, tuple);
}

void names(int fd, struct tuple *tuple)
{
	socket_local(fd, &tuple->local);
	socket_remote(fd, &tuple->remote);
}
