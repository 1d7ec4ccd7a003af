/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that one end shuts down, or closes in the ordinary way */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

static void plain(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	exchange(&client, &server, 1000, 5);
	close_pair(&client, &server);
	pair(&client, &server, V6);
	exchange(&client, &server, 1, 70000);
	close_end(&server, "odd-close-s", "local");
	close_after(&client, "odd-close-c");
}

static void mapped(void)
{
	struct odd_end client, server;

	for (int i = 0; i < 20; i++) {
		int listener = pair(&client, &server, MAPPED);

		exchange(&client, &server, 3, 4);
		close_pair(&client, &server);
		close(listener);
	}
}

static void shut(const struct odd_end *end, int how)
{
	step("odd-shut");
	if (shutdown(end->fd, how))
		die("shutdown");
}

static void half_close(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	shut(&client, SHUT_WR);
	socket_await(server.fd, POLLIN);
	step("odd-send");
	if (send(server.fd, "more", 4, MSG_NOSIGNAL) != 4)
		die("cannot send to an end that was half closed");
	socket_await(client.fd, POLLIN);
	close_end(&server, "odd-close-s", "peer");
	step("odd-read");
	for (char data[8]; read(client.fd, data, sizeof(data)) > 0;)
		;
	close_end(&client, "odd-close-c", "local");
}

/* A shutdown that leaves nothing open is no close; that comes under another name. */
static void shutdown_both(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	shut(&client, SHUT_RDWR);
	close_end(&client, "odd-close-c", "local");
	close_after(&server, "odd-close-s");
}

/* The connection has long been over when the first to shut it down closes it. */
static void shutdown_then_peer(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	shut(&client, SHUT_RDWR);
	close_after(&server, "odd-close-s");
	close_end(&client, "odd-close-c", "local");
}

static void shutdown_after_peer(void)
{
	struct odd_end client, server;

	pair(&client, &server, V4);
	close_end(&client, "odd-close-c", "local");
	socket_await(server.fd, POLLIN);
	shut(&server, SHUT_WR);
	close_end(&server, "odd-close-s", "peer");
}

/* One process shuts down, another closes. */
static void shutdown_by_another(void)
{
	struct odd_end client, server;
	pid_t child;

	pair(&client, &server, V4);
	child = fork_child();
	if (!child) {
		shut(&client, SHUT_RDWR);
		_exit(0);
	}
	reap(child);
	close_end(&client, "odd-close-c", "local");
	close_after(&server, "odd-close-s");
}

const struct odd_workload close_workloads[] = {
	{ .name = "plain", .run = plain },
	{ .name = "v4-mapped", .run = mapped },
	{ .name = "half-close", .run = half_close },
	{ .name = "shutdown-both", .run = shutdown_both },
	{ .name = "shutdown-then-peer", .run = shutdown_then_peer },
	{ .name = "shutdown-after-peer", .run = shutdown_after_peer },
	{ .name = "shutdown-by-another", .run = shutdown_by_another },
	{ 0 },
};
