/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

void end_local(struct odd_end *end)
{
	socket_local(end->fd, &end->at.local);
	end->netns = netns_inode();
	end->opener = getpid();
}

void connected(struct odd_end *end)
{
	end_local(end);
	socket_remote(end->fd, &end->at.remote);
	record(EVENT_CONNECT, end, NULL);
}

void connect_end(struct odd_end *end, enum family family, const union address *to)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_new(family, 0);
	if (connect(end->fd, &to->sa, address_size(to)))
		die("cannot connect");
	connected(end);
}

/* The address comes from accept: a connection that was reset has no peer any more. */
void accept_end(struct odd_end *end, int listener)
{
	memset(end, 0, sizeof(*end));
	step("odd-accept");
	end->fd = socket_accept(listener, &end->at.remote);
	end_local(end);
	record(EVENT_ACCEPT, end, NULL);
}

/* An attempt that was made in this step. local must be known if the socket was bound. */
void connect_failed(struct odd_end *end, const union address *to, int error)
{
	end->at.remote = *to;
	record(EVENT_FAIL, end, errno_name(error));
}

static void carry(struct odd_end *from, struct odd_end *to, long bytes)
{
	socket_send(from->fd, bytes);
	socket_receive(to->fd, bytes);
	from->sent += bytes;
	to->received += bytes;
}

/* What both have sent has been acknowledged when this is over. */
void exchange(struct odd_end *client, struct odd_end *server, long there, long back)
{
	carry(client, server, there);
	carry(server, client, back);
	socket_await_sent(client->fd);
	socket_await_sent(server->fd);
	client->counted = server->counted = true;
}

void close_end(struct odd_end *end, const char *comm, const char *how)
{
	step(comm);
	if (close(end->fd))
		die("close");
	record(EVENT_CLOSE, end, how);
}

void close_after(struct odd_end *end, const char *comm)
{
	socket_await(end->fd, POLLIN);
	close_end(end, comm, "peer");
}

int pair(struct odd_end *client, struct odd_end *server, enum family family)
{
	union address addr;
	int listener = socket_listen(family, &addr);

	connect_end(client, family, &addr);
	accept_end(server, listener);
	return listener;
}

void close_pair(struct odd_end *client, struct odd_end *server)
{
	close_end(client, "odd-close-c", "local");
	close_after(server, "odd-close-s");
}
