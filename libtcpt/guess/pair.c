// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One TCP connection over loopback with random parameters. Each wait has a deadline. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/random.h"
#include "base/wait.h"
#include "guess/pair.h"
#include "internal.h"

const char *pair_kind_name(enum pair_kind kind)
{
	static const char *const names[] = { "IPv4", "IPv6", "v4-mapped" };

	return names[kind];
}

static socklen_t length(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

/* Chooses an address of 127/8 that is neither the network's nor a broadcast address. */
static void random_loopback(unsigned char *ip)
{
	random_bytes(ip, 4);
	ip[0] = 127;
	ip[3] = 1 + ip[3] % 253;
}

/*
 * Chooses an IPv6 address. Without addresses of our own that is ::1; v4-mapped
 * connections have random addresses anyway.
 */
static void random_ipv6(struct in6_addr *ip, bool any_ipv6)
{
	*ip = in6addr_loopback;
	if (any_ipv6) {
		random_bytes(ip, sizeof(*ip));
		ip->s6_addr[0] = 0xfd;
	}
}

static void random_address(union address *a, enum pair_kind kind, bool any_ipv6)
{
	memset(a, 0, sizeof(*a));
	if (kind == PAIR_IPV4) {
		a->in.sin_family = AF_INET;
		random_loopback((unsigned char *)&a->in.sin_addr);
		a->in.sin_port = htons(random_port());
		return;
	}
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(random_port());
	if (kind == PAIR_IPV6) {
		random_ipv6(&a->in6.sin6_addr, any_ipv6);
		return;
	}
	a->in6.sin6_addr.s6_addr[10] = a->in6.sin6_addr.s6_addr[11] = 0xff;
	random_loopback(a->in6.sin6_addr.s6_addr + 12);
}

/*
 * Keeps packets on the loopback, however they are routed or rewritten. Before Linux 5.7
 * this needs CAP_NET_RAW. A namespace of our own has no other interface anyway.
 */
static void stay_on_loopback(int fd)
{
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo"));
}

/* Makes each close a reset, also by the kernel after a kill. Accepted sockets inherit this. */
static void reset_on_close(int fd)
{
	struct linger reset = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

static int new_socket(enum pair_kind kind, bool *any_ipv6)
{
	int family = kind == PAIR_IPV4 ? AF_INET : AF_INET6, no = 0, yes = 1, fd;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	stay_on_loopback(fd);
	reset_on_close(fd);
	if (kind == PAIR_MAPPED)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	/*
	 * The addresses are routed to the namespace, but are on no interface: a bind
	 * needs IPV6_FREEBIND, since Linux 4.15. Without such addresses it would only
	 * hide that there is no ::1.
	 */
	if (*any_ipv6)
		*any_ipv6 = !setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof(yes));
	return fd;
}

void pair_init(struct pair *pair, enum pair_kind kind, bool any_ipv6)
{
	*pair = (struct pair){ .kind = kind, .any_ipv6 = any_ipv6, .client = -1, .server = -1 };
}

static int new_client(const struct pair *pair)
{
	bool any_ipv6 = pair->any_ipv6;

	return pair->any_port ? new_socket(pair->kind, &any_ipv6) : pair_bind(pair);
}

int pair_bind(const struct pair *pair)
{
	bool any_ipv6 = pair->any_ipv6;
	int fd = new_socket(pair->kind, &any_ipv6), err = 0;
	union address address;

	for (int tries = 0; fd >= 0 && tries < 16; tries++) {
		random_address(&address, pair->kind, any_ipv6);
		if (!bind(fd, &address.any, length(&address)))
			return fd;
		err = -errno;
		if (err != -EADDRINUSE)
			break;
	}
	if (fd < 0)
		return fd;
	close(fd);
	return err;
}

int pair_listen(const struct pair *pair)
{
	int fd = pair_bind(pair), err;

	if (fd < 0 || !listen(fd, 1))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int pair_connect(struct pair *pair, int to)
{
	union address address = {};
	socklen_t size = sizeof(address);

	if (getsockname(to, &address.any, &size))
		return -errno;
	pair->client = new_client(pair);
	if (pair->client < 0)
		return pair->client;
	if (connect(pair->client, &address.any, length(&address)) && errno != EINPROGRESS)
		return -errno;
	return 0;
}

int pair_await(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n = poll(&pfd, 1, STEP_MS);

	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

static bool same_address(const union address *a, const union address *b)
{
	return !memcmp(a, b, length(a));
}

/*
 * Returns whether the accepted connection is our client's. Another process may connect
 * to the listener.
 */
static bool is_ours(const struct pair *pair, int server)
{
	union address mine = {}, theirs = {};
	socklen_t size = sizeof(mine);

	if (getsockname(pair->client, &mine.any, &size))
		return false;
	size = sizeof(theirs);
	return !getpeername(server, &theirs.any, &size) && same_address(&mine, &theirs);
}

static int await_established(int fd)
{
	int err = pair_await(fd, POLLOUT), failed = 0;
	socklen_t size = sizeof(failed);

	if (!err && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size))
		err = -failed;
	return err;
}

int pair_accept(struct pair *pair, int listener)
{
	int err = pair_await(listener, POLLIN);

	if (err)
		return err;
	pair->server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (pair->server < 0)
		return -errno;
	if (!is_ours(pair, pair->server))
		return -EPROTO;
	return await_established(pair->client);
}

/* ---- data ---- */

#define EXCHANGES 2
#define PIECE_MAX 1400 /* fits into one segment on any interface */

static int send_piece(int from, int to)
{
	unsigned char bytes[PIECE_MAX];
	size_t size, have = 0;
	uint16_t random;
	ssize_t sent;
	int err = 0;

	random_bytes(&random, sizeof(random));
	size = 1 + random % PIECE_MAX;
	random_bytes(bytes, size);
	sent = send(from, bytes, size, MSG_NOSIGNAL);
	if (sent != (ssize_t)size)
		return sent < 0 ? -errno : -ENOBUFS;
	while (!err && have < size) {
		ssize_t n = recv(to, bytes, size - have, 0);

		if (n > 0)
			have += n;
		else if (n < 0 && errno == EAGAIN)
			err = pair_await(to, POLLIN);
		else
			err = n < 0 ? -errno : -EPIPE;
	}
	return err;
}

static void pause_shortly(void)
{
	uint16_t random;

	random_bytes(&random, sizeof(random));
	wait_ns(random % 512 * 1000);
}

/*
 * The server's acknowledgement waits for its own data. So the round trip takes as long
 * as the pause.
 */
int pair_exchange(struct pair *pair)
{
	int no = 0, err = 0;

	for (int i = 0; !err && i < EXCHANGES; i++) {
		setsockopt(pair->server, IPPROTO_TCP, TCP_QUICKACK, &no, sizeof(no));
		err = send_piece(pair->client, pair->server);
		pause_shortly();
		if (!err)
			err = send_piece(pair->server, pair->client);
	}
	return err;
}

/* ---- the end ---- */

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * The server accepts only packets with a time to live of 255, and the client sends
 * none. A socket that has closed first and then gets the other end's FIN becomes a
 * TIME_WAIT, which outlives the process and keeps the namespace. Without that FIN a
 * reset ends it. (A socket filter would do too, but may need CAP_NET_ADMIN.)
 */
void pair_deafen(const struct pair *pair)
{
	int all = 255, few = 1;

	setsockopt(pair->client, IPPROTO_IP, IP_TTL, &few, sizeof(few));
	setsockopt(pair->server, IPPROTO_IP, IP_MINTTL, &all, sizeof(all));
	if (pair->kind == PAIR_IPV4)
		return;
	setsockopt(pair->client, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &few, sizeof(few));
	setsockopt(pair->server, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &all, sizeof(all));
}

void pair_reset(struct pair *pair)
{
	close_one(&pair->server);
}

void pair_close(struct pair *pair)
{
	close_one(&pair->client);
	close_one(&pair->server);
}
