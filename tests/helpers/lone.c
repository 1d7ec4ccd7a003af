/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lone: makes connections one by one, with a pause before each, while standard input is
 * what a reader prints as tsv. Prints for each connect the time from connect() until its
 * line was there, in ns.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "socket.h"

#define PATIENCE_MS_OF_LINE 20000

static char buf[1 << 16];
static size_t used;

static uint64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000ULL + at.tv_nsec;
}

/* Reads on, if something comes in time. */
static void fill(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	if (poll(&in, 1, PATIENCE_MS_OF_LINE) != 1)
		die("no line came in %d s", PATIENCE_MS_OF_LINE / 1000);
	n = read(STDIN_FILENO, buf + used, sizeof(buf) - 1 - used);
	if (n <= 0)
		die("the reader has ended");
	used += n;
	buf[used] = '\0';
}

/* Takes lines up to one of a connect from this port. Columns: 5 the type, 13 the port. */
static void await_line(unsigned int port)
{
	unsigned int sport;
	char type[16];
	char *end;

	for (;;) {
		while (!(end = strchr(buf, '\n')))
			fill();
		*end++ = '\0';
		if (sscanf(buf, "%*s %*s %*s %*s %15s %*s %*s %*s %*s %*s %*s %*s %u", type,
			   &sport) == 2 &&
		    !strcmp(type, "connect") && sport == port) {
			used -= end - buf;
			memmove(buf, end, used + 1);
			return;
		}
		used -= end - buf;
		memmove(buf, end, used + 1);
	}
}

static void connect_once(int listener, const union address *to, unsigned long pause_ms)
{
	union address local;
	uint64_t began;
	int client, server;

	usleep(pause_ms * 1000);
	client = socket_new(V4, 0);
	began = now();
	if (connect(client, &to->sa, address_size(to)))
		die("cannot connect");
	socket_local(client, &local);
	await_line(address_port(&local));
	printf("%llu\n", (unsigned long long)(now() - began));
	server = socket_accept(listener, NULL);
	close(client);
	close(server);
}

int main(int argc, char **argv)
{
	union address address;
	int listener;

	if (argc != 3)
		die("usage: lone COUNT PAUSE_MS");
	listener = socket_listen(V4, &address);
	for (unsigned long i = strtoul(argv[1], NULL, 10); i; i--)
		connect_once(listener, &address, strtoul(argv[2], NULL, 10));
	return 0;
}
