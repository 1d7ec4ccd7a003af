// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One TCP connection over loopback with random parameters. No step waits
 * without a deadline.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guess.h"

#define STEP_MS 1000

void random_bytes(void *out, size_t size)
{
	unsigned char *to = out;
	ssize_t n;

	while (size) {
		n = getrandom(to, size, 0);
		if (n <= 0)
			continue;
		to += n;
		size -= n;
	}
}

/* Its two bytes differ and neither is 0, so that it is not mistaken in the other byte order. */
uint16_t random_port(void)
{
	uint16_t port;

	do
		random_bytes(&port, sizeof(port));
	while (port < 10000 || !(port & 0xff) || (port & 0xff) == port >> 8);
	return port;
}

const char *pair_kind_name(enum pair_kind kind)
{
	static const char *const names[] = { "IPv4", "IPv6", "v4-mapped" };

	return names[kind];
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t length(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

/* 127/8, but neither the network's address nor its broadcast address. */
static void random_loopback(unsigned char *ip)
{
	random_bytes(ip, 4);
	ip[0] = 127;
	ip[3] = 1 + ip[3] % 253;
}

/* Without addresses of our own ::1 has to do; v4-mapped connections carry randomness too. */
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
 * However packets are routed or rewritten, they stay on the loopback. Before
 * Linux 5.7 that needs CAP_NET_RAW; in a namespace of our own there is no other
 * interface anyway.
 */
static void stay_on_loopback(int fd)
{
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo"));
}

/* Whoever closes it, and be it the kernel after a kill: accepted sockets inherit this. */
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
	 * The addresses are routed to the namespace but on no interface. Since
	 * Linux 4.15. Without them it would only hide that ::1 is not there.
	 */
	if (*any_ipv6)
		*any_ipv6 = !setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof(yes));
	return fd;
}

static int bound_socket(enum pair_kind kind, bool any_ipv6)
{
	int fd = new_socket(kind, &any_ipv6), err = 0;
	union address address;

	for (int tries = 0; fd >= 0 && tries < 16; tries++) {
		random_address(&address, kind, any_ipv6);
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

int pair_listen(struct pair *pair, enum pair_kind kind, bool any_ipv6, int *listener)
{
	int fd = bound_socket(kind, any_ipv6), err;

	if (fd < 0)
		return fd;
	if (listen(fd, 1)) {
		err = -errno;
		close(fd);
		return err;
	}
	pair->kind = kind;
	pair->client = pair->server = -1;
	*listener = fd;
	return 0;
}

/* Starts the connection; the hook sees the client's sock change to SYN_SENT. */
int pair_connect(struct pair *pair, int listener, bool any_ipv6)
{
	union address address = {};
	socklen_t size = sizeof(address);

	if (getsockname(listener, &address.any, &size))
		return -errno;
	pair->client = bound_socket(pair->kind, any_ipv6);
	if (pair->client < 0)
		return pair->client;
	if (connect(pair->client, &address.any, length(&address)) && errno != EINPROGRESS)
		return -errno;
	return 0;
}

static int await(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n = poll(&pfd, 1, STEP_MS);

	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

static bool same_address(const union address *a, const union address *b)
{
	return !memcmp(a, b, length(a));
}

/* The listener may be met by a stranger: only our own client's connection is taken. */
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
	int err = await(fd, POLLOUT), failed = 0;
	socklen_t size = sizeof(failed);

	if (!err && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size))
		err = -failed;
	return err;
}

int pair_accept(struct pair *pair, int listener)
{
	int err = await(listener, POLLIN);

	if (err)
		return err;
	pair->server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (pair->server < 0)
		return -errno;
	if (!is_ours(pair, pair->server))
		return -EPROTO;
	return await_established(pair->client);
}

/*
 * The server takes no more packets: none has a time to live of 255. What has
 * closed first and then gets the other side's FIN becomes a TIME_WAIT, which
 * outlives the process and holds the namespace; without that FIN a reset ends
 * it. (A socket filter would do too, but may need CAP_NET_ADMIN.)
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

void pair_close(struct pair *pair)
{
	if (pair->client >= 0)
		close(pair->client);
	if (pair->server >= 0)
		close(pair->server);
	pair->client = pair->server = -1;
}

/* ---- needles ---- */

struct ends {
	union address local;
	union address remote;
};

static int read_ends(int fd, struct ends *ends)
{
	socklen_t size = sizeof(ends->local);

	memset(ends, 0, sizeof(*ends));
	if (getsockname(fd, &ends->local.any, &size))
		return -errno;
	size = sizeof(ends->remote);
	return getpeername(fd, &ends->remote.any, &size) ? -errno : 0;
}

static void need_ipv4(struct snapshot *snap, const void *local, const void *remote)
{
	snapshot_need(snap, F_SKC_DADDR, remote);
	snapshot_need(snap, F_SKC_RCV_SADDR, local);
}

/*
 * sk_daddr_set and sk_rcv_saddr_set fill the IPv6 members of IPv4 sockets with
 * the mapped addresses (include/net/sock.h and net/ipv4, since 4.1), except
 * for the address that a client has bound (inet_bind). Copies in what only
 * IPv6 sockets have are not there.
 */
static void need_mapped(struct snapshot *snap, const struct ends *ends, bool is_client)
{
	unsigned char mapped[16] = { [10] = 0xff, [11] = 0xff };

	memcpy(mapped + 12, &ends->remote.in.sin_addr, 4);
	snapshot_need_soft(snap, F_SKC_V6_DADDR, mapped);
	memcpy(mapped + 12, &ends->local.in.sin_addr, 4);
	if (!is_client)
		snapshot_need_soft(snap, F_SKC_V6_RCV_SADDR, mapped);
}

static void need_ports(struct snapshot *snap, uint16_t local, uint16_t remote)
{
	uint16_t num = ntohs(local);

	snapshot_need(snap, F_SKC_DPORT, &remote);
	snapshot_need(snap, F_SKC_NUM, &num);
	snapshot_need(snap, F_INET_SPORT, &local);
}

static void need_state(struct snapshot *snap, int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		snapshot_need(snap, F_SKC_STATE, &info.tcpi_state);
}

/* What the socket calls say of this end. */
int pair_needles(struct snapshot *snap, int fd, bool is_client)
{
	struct ends ends;
	int err = read_ends(fd, &ends);
	uint16_t family = ends.local.any.sa_family;

	if (err)
		return err;
	snapshot_need(snap, F_SKC_FAMILY, &family);
	need_state(snap, fd);
	if (family == AF_INET) {
		need_ports(snap, ends.local.in.sin_port, ends.remote.in.sin_port);
		need_ipv4(snap, &ends.local.in.sin_addr, &ends.remote.in.sin_addr);
		need_mapped(snap, &ends, is_client);
		return 0;
	}
	need_ports(snap, ends.local.in6.sin6_port, ends.remote.in6.sin6_port);
	snapshot_need(snap, F_SKC_V6_DADDR, &ends.remote.in6.sin6_addr);
	snapshot_need(snap, F_SKC_V6_RCV_SADDR, &ends.local.in6.sin6_addr);
	if (IN6_IS_ADDR_V4MAPPED(&ends.local.in6.sin6_addr))
		need_ipv4(snap, ends.local.in6.sin6_addr.s6_addr + 12,
			  ends.remote.in6.sin6_addr.s6_addr + 12);
	return 0;
}
