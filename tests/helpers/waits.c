/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * waits: makes TCP connects and accepts that take a known time, by its own clock, and
 * prints between which times each of them was.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "process.h"
#include "socket.h"

#define QUICK 100
#define SLOW 20
#define PAUSE_US 20000

static const char usage_text[] =
	"Usage: waits [--family 4|6|mapped] [--fast-open [--since-connect]]\n"
	"\n"
	"Connects at once, late, refused and given up, and accepts at once and late; with\n"
	"--fast-open connects whose SYN is sent with the first data, in times since then or\n"
	"since connect(). Prints a line for each:\n"
	"TYPE PORT LEAST MOST\n"
	"with the client's port and ns, tabs between.\n";

static enum family family = V4;
static int since_connect;
static union address at;

static void wrote(const char *type, const union address *client, int64_t least, int64_t most)
{
	printf("%s\t%u\t%lld\t%lld\n", type, address_port(client), (long long)least,
	       (long long)most);
}

static int begin(union address *client, const union address *to, int blocks)
{
	int fd = socket_new(family, 0);

	if (!blocks)
		socket_nonblock(fd);
	if (connect(fd, &to->sa, address_size(to)) && (blocks || errno != EINPROGRESS))
		die("connect");
	socket_local(fd, client);
	return fd;
}

/* It waits in the queue for at least the pause: it is there when the listener is readable. */
static void accept_after(int listener, const union address *client, int64_t before, int pause_us)
{
	int64_t queued, called;
	int fd;

	socket_await(listener, POLLIN);
	queued = now_ns();
	usleep(pause_us);
	called = now_ns();
	fd = socket_accept(listener, NULL);
	wrote("accept", client, called - queued, now_ns() - before);
	close(fd);
}

static void connected(int listener, int pause_us)
{
	int64_t before = now_ns(), after;
	union address client;
	int fd = begin(&client, &at, 1);

	after = now_ns();
	wrote("connect", &client, 0, after - before);
	accept_after(listener, &client, before, pause_us);
	close(fd);
}

/* Returns a listener whose queue one connection fills. */
static int listen_full(union address *full, union address *client, int *filler)
{
	int listener = socket_listen(family, full);
	int64_t before = now_ns();

	if (listen(listener, 0))
		die("listen");
	*filler = begin(client, full, 1);
	wrote("connect", client, 0, now_ns() - before);
	return listener;
}

/* The kernel drops the SYN, and the next one comes a second later. */
static void connected_late(void)
{
	int64_t began = now_ns(), before, sent, freed;
	union address full, first, second;
	int filler, listener = listen_full(&full, &first, &filler), fd;

	before = now_ns();
	fd = begin(&second, &full, 0);
	sent = now_ns();
	usleep(PAUSE_US);
	freed = now_ns();
	close(socket_accept(listener, NULL));
	wrote("accept", &first, freed - before, now_ns() - began);
	socket_await_connect(fd, 0);
	wrote("connect", &second, freed - sent, now_ns() - before);
	close(socket_accept(listener, NULL));
	wrote("accept", &second, 0, now_ns() - freed);
	close(fd);
	close(filler);
	close(listener);
}

/* The socket stays, so that no other gets its port. */
static void refused(void)
{
	union address closed, client;
	int reserved = socket_reserve(family, &closed), fd = socket_new(family, 0);
	int64_t before;

	socket_bind(fd, family, &client, 0);
	before = now_ns();
	if (!connect(fd, &closed.sa, address_size(&closed)) || errno != ECONNREFUSED)
		die("connect to a closed port");
	wrote("fail", &client, 0, now_ns() - before);
	close(reserved);
}

/* Nobody answers until the program gives up. */
static void given_up(void)
{
	union address full, first, client;
	int filler, listener = listen_full(&full, &first, &filler), fd;
	int64_t before, sent, called;

	before = now_ns();
	fd = begin(&client, &full, 0);
	sent = now_ns();
	usleep(PAUSE_US);
	called = now_ns();
	close(fd);
	wrote("fail", &client, called - sent, now_ns() - before);
	close(filler);
	close(listener);
}

/* connect() sends nothing, the first write does. The kernel's server takes it without a cookie. */
static void connected_with_data(int listener)
{
	int fd = socket_new(family, 0), accepted;
	union address client;
	int64_t before;

	socket_option(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, 1);
	before = now_ns();
	if (connect(fd, &at.sa, address_size(&at)))
		die("connect");
	usleep(PAUSE_US);
	if (!since_connect)
		before = now_ns();
	socket_send(fd, 1);
	accepted = socket_accept(listener, NULL);
	socket_receive(accepted, 1);
	socket_await_sent(fd);
	socket_local(fd, &client);
	wrote("connect", &client, since_connect ? PAUSE_US * 1000LL : 0, now_ns() - before);
	wrote("accept", &client, 0, now_ns() - before);
	close(accepted);
	close(fd);
}

static void fast_open(int listener)
{
	socket_option(listener, SOL_TCP, TCP_FASTOPEN, 16);
	for (int i = 0; i < SLOW; i++)
		connected_with_data(listener);
}

static void all(int listener)
{
	for (int i = 0; i < QUICK; i++) {
		connected(listener, 0);
		refused();
	}
	for (int i = 0; i < SLOW; i++) {
		connected(listener, PAUSE_US);
		given_up();
	}
	connected_late();
}

static void __attribute__((noreturn)) misuse(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "family", required_argument, NULL, 'f' },
		{ "fast-open", no_argument, NULL, 'o' },
		{ "since-connect", no_argument, &since_connect, 1 },
		{},
	};
	void (*part)(int) = all;
	int option, listener;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'f')
			family = *optarg == 'm' ? MAPPED : *optarg == '6' ? V6 : V4;
		else if (option == 'o')
			part = fast_open;
		else if (option)
			misuse();
	}
	if (optind < argc)
		misuse();
	alarm(600);
	listener = socket_listen(family, &at);
	part(listener);
	return 0;
}
