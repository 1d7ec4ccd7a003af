/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define BACKLOG 1024
#define CHUNK 65536L
#define RETRY_FIRST_MS 1
#define RETRY_LONGEST_MS 64
#define RETRIES 200 /* about 12 s in all */

static void address_loopback(enum peer_family family, union peer_address *addr)
{
	static const char *const texts[FAMILIES] = { "", "::1", "::ffff:127.0.0.1" };

	memset(addr, 0, sizeof(*addr));
	if (family == FAMILY_V4) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return;
	}
	addr->in6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, texts[family], &addr->in6.sin6_addr);
}

static socklen_t address_size(const union peer_address *addr)
{
	return addr->sa.sa_family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);
}

unsigned int address_port(const union peer_address *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET ? addr->in.sin_port : addr->in6.sin6_port);
}

/* v4-mapped addresses come out as plain IPv4. */
const char *address_text(const union peer_address *addr, char *text, size_t size)
{
	const struct in6_addr *in6 = &addr->in6.sin6_addr;

	if (addr->sa.sa_family == AF_INET)
		return inet_ntop(AF_INET, &addr->in.sin_addr, text, (socklen_t)size);
	if (IN6_IS_ADDR_V4MAPPED(in6))
		return inet_ntop(AF_INET, &in6->s6_addr[12], text, (socklen_t)size);
	return inet_ntop(AF_INET6, in6, text, (socklen_t)size);
}

static int protocol = IPPROTO_TCP;

void socket_use_mptcp(void)
{
	protocol = IPPROTO_MPTCP;
}

static int socket_new(const union peer_address *addr)
{
	int fd = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, protocol);
	int off = 0;

	if (fd < 0)
		die("cannot make a socket of family %d", addr->sa.sa_family);
	if (addr->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr) &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)))
		die("cannot clear IPV6_V6ONLY");
	return fd;
}

/* A bound socket that does not listen: its port refuses and nobody else gets it. */
int socket_reserve(enum peer_family family, union peer_address *addr)
{
	socklen_t size = sizeof(*addr);
	char text[INET6_ADDRSTRLEN];
	int fd;

	address_loopback(family, addr);
	fd = socket_new(addr);
	if (bind(fd, &addr->sa, address_size(addr)))
		die("cannot bind to %s", address_text(addr, text, sizeof(text)));
	if (getsockname(fd, &addr->sa, &size))
		die("getsockname");
	return fd;
}

int socket_listen(enum peer_family family, union peer_address *addr)
{
	int fd = socket_reserve(family, addr);

	if (listen(fd, BACKLOG))
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
int socket_connect(const union peer_address *addr)
{
	char text[INET6_ADDRSTRLEN];
	long ms = RETRY_FIRST_MS;

	for (int i = 0; i < RETRIES; i++) {
		int fd = socket_new(addr);

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
	die("cannot connect to %s port %u", address_text(addr, text, sizeof(text)),
	    address_port(addr));
}

/* The local port is bound before, so that it is known. */
void socket_refused(enum peer_family family, const union peer_address *addr)
{
	struct peer_tuple tuple = { .remote = *addr };
	int fd = socket_reserve(family, &tuple.local);

	if (!connect(fd, &addr->sa, address_size(addr))) {
		errno = 0;
		die("port %u is closed, but connect succeeded", address_port(addr));
	}
	if (errno != ECONNREFUSED)
		die("connect to the closed port %u", address_port(addr));
	record_add(EVENT_FAIL, &tuple);
	close(fd);
}

void socket_mute(enum peer_family family, union peer_address *addr)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };
	int fd = socket_listen(family, addr);

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("cannot attach a filter");
}

int socket_unanswered(enum peer_family family, const union peer_address *addr,
		      struct peer_tuple *tuple)
{
	int fd;

	tuple->remote = *addr;
	fd = socket_reserve(family, &tuple->local);
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	if (!connect(fd, &addr->sa, address_size(addr)) || errno != EINPROGRESS)
		die("connect that nobody answers");
	return fd;
}

void socket_give_up(int fd, const struct peer_tuple *tuple)
{
	if (close(fd))
		die("close");
	record_add(EVENT_FAIL, tuple);
}

void socket_tuple(int fd, struct peer_tuple *tuple)
{
	socklen_t local = sizeof(tuple->local), remote = sizeof(tuple->remote);

	memset(tuple, 0, sizeof(*tuple));
	if (getsockname(fd, &tuple->local.sa, &local))
		die("getsockname");
	if (getpeername(fd, &tuple->remote.sa, &remote))
		die("getpeername");
}

void socket_send(int fd, long bytes)
{
	static const char zeros[CHUNK];
	int on = 1;

	if (bytes > CHUNK && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("cannot set TCP_NODELAY");
	while (bytes > 0) {
		ssize_t sent =
			send(fd, zeros, (size_t)(bytes < CHUNK ? bytes : CHUNK), MSG_NOSIGNAL);

		if (sent < 0)
			die("send");
		bytes -= sent;
	}
}

void socket_receive(int fd, long bytes)
{
	char data[4096];
	const long most = sizeof(data);

	while (bytes > 0) {
		ssize_t got = recv(fd, data, (size_t)(bytes < most ? bytes : most), 0);

		if (got < 0)
			die("recv");
		if (!got) {
			errno = 0;
			die("the other end closed too early");
		}
		bytes -= got;
	}
}

void socket_wait_eof(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	if (got < 0)
		die("recv, waiting for the end");
	if (got) {
		errno = 0;
		die("the other end sent too much");
	}
}

void socket_close(int fd, const struct peer_tuple *tuple)
{
	if (close(fd))
		die("close");
	record_add(EVENT_CLOSE, tuple);
}
