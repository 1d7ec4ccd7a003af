/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"

#define PATIENCE_MS 20000

static int family, protocol;
bool has_cookies;

void use_family(int to)
{
	family = to;
}

void use_protocol(int to)
{
	protocol = to;
}

socklen_t address_size(void)
{
	return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

int new_socket(void)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		die("socket");
	return fd;
}

/* Its port is known, and nobody else gets it. */
int new_bound(union address *address)
{
	socklen_t size = sizeof(*address);
	int fd = new_socket();

	memset(address, 0, sizeof(*address));
	address->sa.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address->in6.sin6_addr = in6addr_loopback;
	if (bind(fd, &address->sa, address_size()) || getsockname(fd, &address->sa, &size))
		die("bind");
	return fd;
}

int new_listener(union address *address)
{
	int fd = new_bound(address);

	if (listen(fd, 16))
		die("listen");
	return fd;
}

static void ask_cookie(int fd)
{
	uint64_t cookie;
	socklen_t size = sizeof(cookie);

	if (!has_cookies)
		getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
}

static void learn_ends(struct end *end)
{
	socklen_t local = sizeof(end->local), remote = sizeof(end->remote);

	if (getsockname(end->fd, &end->local.sa, &local) ||
	    getpeername(end->fd, &end->remote.sa, &remote))
		die("getsockname");
}

void connect_pair(struct pair *pair)
{
	union address address;
	int listener = new_listener(&address);

	memset(pair, 0, sizeof(*pair));
	pair->client.fd = new_socket();
	ask_cookie(pair->client.fd);
	if (connect(pair->client.fd, &address.sa, address_size()))
		die("connect");
	learn_ends(&pair->client);
	record_end("connect", &pair->client);
	pair->server.fd = accept(listener, NULL, NULL);
	if (pair->server.fd < 0)
		die("accept");
	learn_ends(&pair->server);
	record_end("accept", &pair->server);
	ask_cookie(pair->server.fd);
	close(listener);
}

void carry(struct end *from, struct end *to, long bytes)
{
	char data[65536] = "";
	ssize_t got;

	if (send(from->fd, data, (size_t)bytes, MSG_NOSIGNAL) != bytes)
		die("send");
	from->sent += bytes;
	for (long left = bytes; left; left -= got) {
		got = recv(to->fd, data, (size_t)left, 0);
		if (got <= 0)
			die("recv");
		to->received += got;
	}
}

void await_eof(const struct end *end)
{
	char byte;

	if (recv(end->fd, &byte, 1, 0) != 0)
		die("no end of the stream");
}

void await_error(const struct end *end)
{
	struct pollfd pfd = { .fd = end->fd };

	if (poll(&pfd, 1, PATIENCE_MS) != 1 || !(pfd.revents & POLLERR))
		die("no error on the socket");
}

void settle(const struct end *end)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	int left;

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (ioctl(end->fd, SIOCOUTQ, &left))
			die("SIOCOUTQ");
		if (!left)
			return;
		nanosleep(&nap, NULL);
	}
	errno = 0;
	die("data is not acknowledged");
}

void drop_input(int fd)
{
	struct sock_filter drop = { .code = BPF_RET | BPF_K };
	struct sock_fprog program = { 1, &drop };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("SO_ATTACH_FILTER");
}

void reset_on_close(const struct end *end)
{
	struct linger linger = { .l_onoff = 1 };

	if (setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER");
}

void measure(struct end *end)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(end->fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		die("TCP_INFO");
	end->is_measured = true;
	end->srtt_us = info.tcpi_rtt;
	end->retransmits = info.tcpi_total_retrans;
}

void close_end(struct end *end)
{
	record_end("close", end);
	if (close(end->fd))
		die("close");
}
