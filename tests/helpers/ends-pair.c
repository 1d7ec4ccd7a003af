/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "ends.h"

enum family family;
int protocol;
bool has_cookies;

static void ask_cookie(int fd)
{
	if (!has_cookies)
		socket_cookie(fd);
}

static void learn_ends(struct end *end)
{
	socket_local(end->fd, &end->at.local);
	socket_remote(end->fd, &end->at.remote);
}

void connect_pair(struct pair *pair)
{
	union address address;
	int listener = socket_listen(family, &address);

	memset(pair, 0, sizeof(*pair));
	pair->client.fd = socket_new(family, 0);
	ask_cookie(pair->client.fd);
	if (connect(pair->client.fd, &address.sa, address_size(&address)))
		die("connect");
	learn_ends(&pair->client);
	record_end(EVENT_CONNECT, &pair->client);
	pair->server.fd = socket_accept(listener, NULL);
	learn_ends(&pair->server);
	record_end(EVENT_ACCEPT, &pair->server);
	ask_cookie(pair->server.fd);
	close(listener);
}

void carry(struct end *from, struct end *to, long bytes)
{
	socket_send(from->fd, bytes);
	socket_receive(to->fd, bytes);
	from->sent += bytes;
	to->received += bytes;
}

/* Sends its FIN. */
void shut(const struct end *end)
{
	if (shutdown(end->fd, SHUT_WR))
		die("shutdown");
}

void await_error(const struct end *end)
{
	if (!(socket_await(end->fd, 0) & POLLERR))
		die("no error on the socket");
}

void measure(struct end *end)
{
	struct tcp_info info;

	socket_info(end->fd, &info);
	end->is_measured = true;
	end->srtt_us = info.tcpi_rtt;
	end->retransmits = info.tcpi_total_retrans;
}

void close_end(struct end *end)
{
	record_end(EVENT_CLOSE, end);
	if (close(end->fd))
		die("close");
}
