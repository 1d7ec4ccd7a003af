/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

void end_local(struct odd_end *end)
{
	socklen_t size = sizeof(end->local);

	if (getsockname(end->fd, &end->local.sa, &size))
		die("getsockname");
	end->netns = own_netns();
	end->opener = getpid();
}

static void end_remote(struct odd_end *end)
{
	socklen_t size = sizeof(end->remote);

	if (getpeername(end->fd, &end->remote.sa, &size))
		die("getpeername");
}

void connected(struct odd_end *end)
{
	end_local(end);
	end_remote(end);
	record_add(EVENT_CONNECT, end, NULL);
}

void connect_end(struct odd_end *end, enum odd_family family, const union odd_address *to)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_of(family, 0);
	if (connect(end->fd, &to->sa, address_size(to)))
		die("cannot connect");
	connected(end);
}

/* The address comes from accept: a connection that was reset has no peer any more. */
void accept_end(struct odd_end *end, int listener)
{
	static unsigned int turn;
	socklen_t size = sizeof(end->remote);

	memset(end, 0, sizeof(*end));
	step("odd-accept");
	end->fd = turn++ % 2 ? accept4(listener, &end->remote.sa, &size, SOCK_CLOEXEC) :
			       accept(listener, &end->remote.sa, &size);
	if (end->fd < 0)
		die("accept");
	end_local(end);
	record_add(EVENT_ACCEPT, end, NULL);
}

/* An attempt that was made in this step. local must be known if the socket was bound. */
void connect_failed(struct odd_end *end, const union odd_address *to, int error)
{
	end->remote = *to;
	record_add(EVENT_FAIL, end, errno_name(error));
}

static void send_all(struct odd_end *end, long bytes)
{
	char data[4096] = { 0 };

	for (long left = bytes; left;) {
		size_t most = left < (long)sizeof(data) ? (size_t)left : sizeof(data);
		ssize_t sent = send(end->fd, data, most, MSG_NOSIGNAL);

		if (sent <= 0)
			die("send");
		left -= sent;
	}
	end->sent += bytes;
}

static void receive_all(struct odd_end *end, long bytes)
{
	char data[4096];

	for (long left = bytes; left;) {
		size_t most = left < (long)sizeof(data) ? (size_t)left : sizeof(data);
		ssize_t got = recv(end->fd, data, most, 0);

		if (got <= 0)
			die("recv");
		left -= got;
	}
	end->received += bytes;
}

static bool all_acknowledged(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		die("cannot get TCP_INFO");
	return !info.tcpi_unacked;
}

/* What both have sent has been acknowledged when this is over. */
void exchange(struct odd_end *client, struct odd_end *server, long there, long back)
{
	send_all(client, there);
	receive_all(server, there);
	send_all(server, back);
	receive_all(client, back);
	for (int i = 0; i < 5000; i++) {
		if (all_acknowledged(client->fd) && all_acknowledged(server->fd)) {
			client->counted = server->counted = true;
			return;
		}
		usleep(1000);
	}
	errno = 0;
	die("not acknowledged in time");
}

void close_end(struct odd_end *end, const char *comm, const char *how)
{
	step(comm);
	if (close(end->fd))
		die("close");
	record_add(EVENT_CLOSE, end, how);
}

/* Its close will be a reset. */
void linger_none(struct odd_end *end)
{
	struct linger linger = { .l_onoff = 1 };

	if (setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("cannot set SO_LINGER");
}

int pair(struct odd_end *client, struct odd_end *server, enum odd_family family)
{
	union odd_address addr;
	int listener = listen_at(family, &addr);

	connect_end(client, family, &addr);
	accept_end(server, listener);
	return listener;
}

void close_pair(struct odd_end *client, struct odd_end *server)
{
	close_end(client, "odd-close-c", "local");
	await_poll(server->fd, POLLIN);
	close_end(server, "odd-close-s", "peer");
}
