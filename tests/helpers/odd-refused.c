/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects that fail */
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "odd.h"

static void begin(struct odd_end *end, enum family family)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_new(family, 0);
}

static void must_fail(int fd, const union address *to, int error)
{
	int result = connect(fd, &to->sa, address_size(to));

	if (!result)
		errno = 0;
	if (!result || errno != error)
		die("connect did not fail with %s", errno_name(error));
}

/* A socket that was bound keeps its address when the connect has failed. */
static void refuse_blocking(enum family family)
{
	struct odd_end client;
	union address addr;

	socket_reserve(family, &addr);
	begin(&client, family);
	socket_bind(client.fd, family, &client.at.local, 0);
	must_fail(client.fd, &addr, ECONNREFUSED);
	end_local(&client);
	connect_failed(&client, &addr, ECONNREFUSED);
	step("odd-close");
	close(client.fd);
}

static void refused(void)
{
	refuse_blocking(V4);
	refuse_blocking(V4);
}

static void refused_v6(void)
{
	refuse_blocking(V6);
	refuse_blocking(MAPPED);
}

/* Not bound: the kernel chooses the port, and it is still to be seen when all is over. */
static void begin_refused(struct odd_end *end, union address *addr)
{
	socket_reserve(V4, addr);
	begin(end, V4);
	socket_nonblock(end->fd);
	must_fail(end->fd, addr, EINPROGRESS);
	end_local(end);
}

static void fails_later(struct odd_end *end, const union address *addr, int error)
{
	socket_await(end->fd, POLLOUT);
	errno = socket_error(end->fd);
	if (errno != error)
		die("the error is not %s", errno_name(error));
	connect_failed(end, addr, error);
}

static void poll_refused(void)
{
	struct odd_end client;
	union address addr;

	begin_refused(&client, &addr);
	fails_later(&client, &addr, ECONNREFUSED);
	step("odd-close");
	close(client.fd);
}

static void epoll_refused(void)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int set = epoll_create1(EPOLL_CLOEXEC);
	struct odd_end client;
	union address addr;

	begin_refused(&client, &addr);
	if (epoll_ctl(set, EPOLL_CTL_ADD, client.fd, &event) ||
	    epoll_wait(set, &event, 1, 10000) != 1)
		die("epoll saw nothing in time");
	fails_later(&client, &addr, ECONNREFUSED);
	close(client.fd);
	close(set);
}

/* Nobody looks at the error. */
static void refused_unseen(void)
{
	struct odd_end client;
	union address addr;

	begin_refused(&client, &addr);
	connect_failed(&client, &addr, ECONNREFUSED);
	socket_await(client.fd, POLLOUT);
	step("odd-close");
	close(client.fd);
}

/* The same socket is connected after that. */
static void again_after_refused(void)
{
	struct odd_end client, server;
	union address addr;
	int listener;

	begin_refused(&client, &addr);
	fails_later(&client, &addr, ECONNREFUSED);
	listener = socket_listen(V4, &addr);
	step("odd-again");
	fcntl(client.fd, F_SETFL, 0);
	/* The first call after the failure tells of it once more. */
	if (connect(client.fd, &addr.sa, address_size(&addr)) &&
	    (errno != ECONNABORTED || connect(client.fd, &addr.sa, address_size(&addr))))
		die("cannot connect a socket that was refused before");
	connected(&client);
	accept_end(&server, listener);
	close_pair(&client, &server);
}

static void user_timeout(void)
{
	struct odd_end client;
	union address addr;

	socket_drop(socket_listen(V4, &addr));
	begin(&client, V4);
	socket_bind(client.fd, V4, &client.at.local, 0);
	socket_option(client.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
	must_fail(client.fd, &addr, ETIMEDOUT);
	end_local(&client);
	connect_failed(&client, &addr, ETIMEDOUT);
	step("odd-close");
	close(client.fd);
}

/* connect gives up, the kernel does not: that is left to the close. */
static void send_timeout(void)
{
	const struct timeval wait = { .tv_usec = 50000 };
	struct odd_end client;
	union address addr;

	socket_drop(socket_listen(V4, &addr));
	begin(&client, V4);
	if (setsockopt(client.fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)))
		die("cannot set SO_SNDTIMEO");
	must_fail(client.fd, &addr, EINPROGRESS);
	end_local(&client);
	connect_failed(&client, &addr, ECANCELED);
	step("odd-close");
	close(client.fd);
}

struct unreachable {
	struct icmphdr icmp;
	struct iphdr ip;
	uint16_t ports[2];
	uint32_t seq;
};

static uint16_t checksum(const void *data, size_t size)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size / 2; i++)
		sum += word[i];
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return ~sum & 0xffff;
}

/* Answers the segment that raw has seen as a router would that knows no way. */
static void answer_unreachable(int raw)
{
	struct {
		struct iphdr ip;
		struct tcphdr tcp;
		char rest[512];
	} seen;
	struct unreachable answer = { .icmp = { .type = ICMP_DEST_UNREACH,
						.code = ICMP_HOST_UNREACH } };
	int icmp = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	union address to;

	if (recv(raw, &seen, sizeof(seen), 0) < (ssize_t)sizeof(seen.ip) || icmp < 0)
		die("cannot see the segment");
	answer.ip = seen.ip;
	memcpy(answer.ports, &seen.tcp, sizeof(answer.ports));
	answer.seq = seen.tcp.th_seq;
	answer.icmp.checksum = checksum(&answer, sizeof(answer));
	address_loopback(&to, V4);
	if (sendto(icmp, &answer, sizeof(answer), 0, &to.sa, address_size(&to)) < 0)
		die("cannot answer");
	close(icmp);
}

static void unreachable(void)
{
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	struct odd_end client;
	union address addr;

	if (raw < 0)
		absent("no raw sockets");
	socket_drop(socket_listen(V4, &addr));
	begin(&client, V4);
	socket_nonblock(client.fd);
	must_fail(client.fd, &addr, EINPROGRESS);
	end_local(&client);
	answer_unreachable(raw);
	fails_later(&client, &addr, EHOSTUNREACH);
	close(client.fd);
	close(raw);
}

/* There is no way out of this namespace: the kernel refuses before it sends anything. */
static void no_route(void)
{
	struct odd_end client;
	union address addr;

	address_loopback(&addr, V4);
	addr.in.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, of TEST-NET-1 */
	addr.in.sin_port = htons(9);
	begin(&client, V4);
	must_fail(client.fd, &addr, ENETUNREACH);
	end_local(&client);
	client.at.remote = addr;
	record_known(EVENT_FAIL, &client, "ENETUNREACH", NONE, KNOWN_TRUE);
	close(client.fd);
}

const struct odd_workload refused_workloads[] = {
	{ .name = "refused", .run = refused },
	{ .name = "refused-v6", .run = refused_v6 },
	{ .name = "poll-refused", .run = poll_refused },
	{ .name = "epoll-refused", .run = epoll_refused },
	{ .name = "refused-unseen", .run = refused_unseen },
	{ .name = "again-after-refused", .run = again_after_refused },
	{ .name = "user-timeout", .run = user_timeout, .waits = true },
	{ .name = "send-timeout", .run = send_timeout },
	{ .name = "unreachable", .run = unreachable },
	{ .name = "no-route", .run = no_route },
	{ 0 },
};
