/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "socket.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

#define BACKLOG 1024
#define CHUNK 65536L
#define CONNECT_MS 1500000 /* the kernel's next attempt may be minutes away */

int socket_new(enum family family, int protocol)
{
	int fd = socket(family == V4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0 && errno == EAFNOSUPPORT)
		absent("no IPv6");
	if (fd < 0)
		die("cannot make a socket");
	if (family == MAPPED)
		socket_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	return fd;
}

void socket_bind(int fd, enum family family, union address *address, unsigned int port)
{
	address_loopback(address, family);
	address->in.sin_port = htons((in_port_t)port); /* lies where sin6_port does */
	socket_option(fd, SOL_SOCKET, SO_REUSEADDR, port != 0);
	if (bind(fd, &address->sa, address_size(address))) {
		if (errno == EADDRNOTAVAIL && family == V6)
			absent("no IPv6 address");
		die("cannot bind to loopback");
	}
	socket_local(fd, address);
}

int socket_reserve(enum family family, union address *address)
{
	int fd = socket_new(family, 0);

	socket_bind(fd, family, address, 0);
	return fd;
}

int socket_listen(enum family family, union address *address)
{
	int fd = socket_reserve(family, address);

	if (listen(fd, BACKLOG))
		die("cannot listen on port %u", address_port(address));
	return fd;
}

int socket_accept(int listener, union address *remote)
{
	static atomic_uint turn;
	socklen_t size;
	int fd;

	do {
		size = sizeof(*remote);
		fd = atomic_fetch_add(&turn, 1) % 2 ?
			     accept4(listener, &remote->sa, remote ? &size : NULL, SOCK_CLOEXEC) :
			     accept(listener, &remote->sa, remote ? &size : NULL);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die("accept");
	return fd;
}

static void set(int fd, int level, int name, const void *value, size_t size)
{
	if (setsockopt(fd, level, name, value, (socklen_t)size))
		die("cannot set option %d of level %d", name, level);
}

void socket_option(int fd, int level, int name, int value)
{
	set(fd, level, name, &value, sizeof(value));
}

void socket_nonblock(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
}

void socket_reset_on_close(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	set(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

void socket_drop(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };

	set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void socket_undrop(int fd)
{
	socket_option(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

int socket_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		die("cannot get the socket's error");
	return error;
}

uint64_t socket_cookie(int fd)
{
	uint64_t cookie;
	socklen_t size = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) ? 0 : cookie;
}

void socket_info(int fd, struct tcp_info *info)
{
	socklen_t size = sizeof(*info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size))
		die("cannot get TCP_INFO");
}

void socket_local(int fd, union address *local)
{
	socklen_t size = sizeof(*local);

	if (getsockname(fd, &local->sa, &size))
		die("getsockname");
}

void socket_remote(int fd, union address *remote)
{
	socklen_t size = sizeof(*remote);

	if (getpeername(fd, &remote->sa, &size))
		die("getpeername");
}

void socket_send(int fd, long bytes)
{
	static const char zeros[CHUNK];

	if (bytes > CHUNK)
		socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
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
		errno = 0;
		if (!got)
			die("the other end closed too early");
		bytes -= got;
	}
}

static short await_within(int fd, short events, int ms)
{
	struct pollfd one = { .fd = fd, .events = events };
	int got = poll(&one, 1, ms);

	if (got < 0)
		die("poll");
	errno = 0;
	if (!got)
		die("nothing happened to a socket in time");
	return one.revents;
}

short socket_await(int fd, short events)
{
	return await_within(fd, events, PATIENCE_MS);
}

void socket_await_eof(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	if (got < 0)
		die("recv, waiting for the end");
	errno = 0;
	if (got)
		die("the other end sent too much");
}

void socket_await_sent(int fd)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	int left;

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (ioctl(fd, SIOCOUTQ, &left))
			die("SIOCOUTQ");
		if (!left)
			return;
		nanosleep(&nap, NULL);
	}
	errno = 0;
	die("data is not acknowledged");
}

void socket_await_connect(int fd, int error)
{
	await_within(fd, POLLOUT, CONNECT_MS);
	errno = socket_error(fd);
	if (errno != error)
		die("a connect ends otherwise than with error %d", error);
}
