/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects that do not block, and what else makes a connect unusual */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

#define WAIT_MS 120000

/* A socket that does not block; connect has been called on it and not failed yet. */
static void begin_connect(struct odd_end *end, enum family family, const union address *to)
{
	memset(end, 0, sizeof(*end));
	step("odd-connect");
	end->fd = socket_new(family, 0);
	socket_nonblock(end->fd);
	if (connect(end->fd, &to->sa, address_size(to)) && errno != EINPROGRESS)
		die("cannot begin to connect");
}

static void await_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int set = epoll_create1(EPOLL_CLOEXEC);

	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		die("epoll");
	errno = 0;
	if (epoll_wait(set, &event, 1, WAIT_MS) != 1)
		die("epoll saw nothing in time");
	close(set);
}

static void finish_connect(struct odd_end *end)
{
	errno = socket_error(end->fd);
	if (errno)
		die("the connect failed");
	connected(end);
}

static void poll_established(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);

	begin_connect(&client, V4, &addr);
	socket_await(client.fd, POLLOUT);
	finish_connect(&client);
	accept_end(&server, listener);
	fcntl(client.fd, F_SETFL, 0);
	exchange(&client, &server, 10, 2000);
	close_pair(&client, &server);
}

static void epoll_established(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V6, &addr);

	begin_connect(&client, V6, &addr);
	await_epoll(client.fd);
	finish_connect(&client);
	step("odd-again");
	/* The first call after it was established says so, the second that it was already. */
	if (connect(client.fd, &addr.sa, address_size(&addr)) ||
	    !connect(client.fd, &addr.sa, address_size(&addr)) || errno != EISCONN)
		die("connecting again");
	accept_end(&server, listener);
	close_pair(&client, &server);
}

/* To a listener that hears nothing; the local end is known */
static void connect_into_void(struct odd_end *end, union address *addr)
{
	socket_drop(socket_listen(V4, addr));
	begin_connect(end, V4, addr);
	end_local(end);
}

static void closed_before_established(void)
{
	struct odd_end client;
	union address addr;

	connect_into_void(&client, &addr);
	connect_failed(&client, &addr, ECANCELED);
	step("odd-again");
	if (!connect(client.fd, &addr.sa, address_size(&addr)) || errno != EALREADY)
		die("connecting again");
	step("odd-close");
	close(client.fd);
}

/* The process ends instead of closing. */
static void exit_before_established(void)
{
	pid_t child = fork_child();
	struct odd_end client;
	union address addr;

	if (!child) {
		connect_into_void(&client, &addr);
		connect_failed(&client, &addr, ECANCELED);
		_exit(0);
	}
	reap(child);
}

/* Another process is the last to close it: the attempt is still this one's. */
static void closed_by_another(void)
{
	struct odd_end client;
	union address addr;
	int told[2];
	pid_t child;

	channel(told);
	connect_into_void(&client, &addr);
	connect_failed(&client, &addr, ECANCELED);
	child = fork_child();
	if (!child) {
		await_told(told[1]);
		step("odd-close-x");
		close(client.fd);
		_exit(0);
	}
	step("odd-not-last");
	close(client.fd);
	tell(told[0]);
	reap(child);
}

/* The tuple is taken: refused before anything is sent, and no hook learns why. */
static void tuple_is_taken(void)
{
	struct odd_end client, server, second = { 0 };
	union address addr;
	int listener = socket_listen(V4, &addr);

	memset(&client, 0, sizeof(client));
	step("odd-connect");
	client.fd = socket_new(V4, 0);
	socket_bind(client.fd, V4, &client.at.local, 40000);
	second.fd = socket_new(V4, 0);
	socket_bind(second.fd, V4, &second.at.local, 40000);
	if (connect(client.fd, &addr.sa, address_size(&addr)))
		die("cannot connect");
	connected(&client);
	step("odd-second");
	if (!connect(second.fd, &addr.sa, address_size(&addr)) || errno != EADDRNOTAVAIL)
		die("connecting from a taken port");
	end_local(&second);
	second.at.remote = addr;
	record_known(EVENT_FAIL, &second, NULL, "!cgroup", KNOWN_OTHER);
	close(second.fd);
	accept_end(&server, listener);
	close_pair(&client, &server);
}

/* A socket that connects to itself: a simultaneous open, and only one end. */
static void self_connected(void)
{
	struct odd_end self = { 0 };
	union address addr;

	step("odd-connect");
	self.fd = socket_new(V4, 0);
	socket_bind(self.fd, V4, &addr, 0);
	if (connect(self.fd, &addr.sa, address_size(&addr)))
		die("cannot connect to itself");
	connected(&self);
	close_end(&self, "odd-close", "local");
}

const struct odd_workload connect_workloads[] = {
	{ .name = "poll-established", .run = poll_established },
	{ .name = "epoll-established", .run = epoll_established },
	{ .name = "closed-before-established", .run = closed_before_established },
	{ .name = "exit-before-established", .run = exit_before_established },
	{ .name = "closed-by-another", .run = closed_by_another },
	{ .name = "tuple-taken", .run = tuple_is_taken },
	{ .name = "self-connect", .run = self_connected },
	{ 0 },
};
