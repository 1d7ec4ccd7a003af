/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Many at once, or one after the other under the same name */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

#define THREADS 64
#define CLIENT_PORT 40000
#define SERVER_PORT 40001

static int shared_listener;

static void *accept_one(void *unused)
{
	struct odd_end server;

	accept_end(&server, shared_listener);
	close_after(&server, "odd-close-s");
	return unused;
}

static void threads_accept(void)
{
	struct odd_end clients[THREADS];
	pthread_t threads[THREADS];
	union address addr;

	shared_listener = socket_listen(V4, &addr);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, accept_one, NULL))
			die("cannot start a thread");
	for (int i = 0; i < THREADS; i++)
		connect_end(&clients[i], V4, &addr);
	for (int i = 0; i < THREADS; i++)
		close_end(&clients[i], "odd-close-c", "local");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* From a port of one's own choice */
static void connect_from(struct odd_end *end, const union address *to)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_new(V4, 0);
	socket_bind(end->fd, V4, &end->at.local, CLIENT_PORT);
	if (connect(end->fd, &to->sa, address_size(to)))
		die("cannot connect");
	connected(end);
}

/* A reset leaves nothing behind that would keep the ports. */
static void port_reused(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	for (int i = 0; i < 100; i++) {
		connect_from(&client, &addr);
		accept_end(&server, listener);
		socket_reset_on_close(client.fd);
		close_end(&client, "odd-close-c", "reset");
		socket_await(server.fd, POLLIN);
		close_end(&server, "odd-close-s", "reset");
	}
}

/*
 * The server's end is in TIME_WAIT when the same ports come again. The client's
 * waits for the last acknowledgement, which on a busy machine takes its time;
 * until then the ports are not to be had (EADDRNOTAVAIL).
 */
static void time_wait_reused(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	for (int i = 0; i < 20; i++) {
		connect_from(&client, &addr);
		accept_end(&server, listener);
		close_end(&server, "odd-close-s", "local");
		close_after(&client, "odd-close-c");
		await_no_port(CLIENT_PORT);
	}
}

static void refused_again_and_again(void)
{
	struct odd_end client;
	union address addr;

	socket_reserve(V4, &addr);
	for (int i = 0; i < 200; i++) {
		memset(&client, 0, sizeof(client));
		step("odd-connect");
		client.fd = socket_new(V4, 0);
		socket_bind(client.fd, V4, &client.at.local, CLIENT_PORT);
		if (!connect(client.fd, &addr.sa, address_size(&addr)) || errno != ECONNREFUSED)
			die("not refused");
		end_local(&client);
		connect_failed(&client, &addr, ECONNREFUSED);
		close(client.fd);
	}
}

static void open_in(int netns, struct odd_end *client, struct odd_end *server)
{
	union address addr;
	int listener;

	netns_enter(netns);
	listener = socket_new(V4, 0);
	socket_bind(listener, V4, &addr, SERVER_PORT);
	if (listen(listener, 1))
		die("cannot listen");
	connect_from(client, &addr);
	accept_end(server, listener);
	close(listener);
}

/* The same tuple in each of them at the same time; closed while in another */
static void namespaces(void)
{
	struct odd_end clients[NETNS_MAX], servers[NETNS_MAX];

	for (int i = 0; i < NETNS_MAX; i++)
		open_in(odd_netns[i], &clients[i], &servers[i]);
	for (int i = 0; i < NETNS_MAX; i++) {
		netns_enter(odd_netns[(i + 1) % NETNS_MAX]);
		exchange(&clients[i], &servers[i], 10 + i, 100 + i);
		close_pair(&clients[i], &servers[i]);
	}
}

const struct odd_workload many_workloads[] = {
	{ .name = "threads-accept", .run = threads_accept },
	{ .name = "port-reused", .run = port_reused },
	{ .name = "time-wait-reused", .run = time_wait_reused },
	{ .name = "refused-200-times", .run = refused_again_and_again },
	{ .name = "namespaces", .run = namespaces, .n_netns = NETNS_MAX },
	{ 0 },
};
