/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live: opens TCP connections over loopback, sends some bytes each way, and holds them until
 * it is told to close them. It prints at once what a list of open connections has to show.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "hold.h"
#include "netns.h"
#include "socket.h"

#define PAIRS_MAX 64

static const char usage_text[] =
	"Usage: live [OPTION]...\n"
	"\n"
	"  --count N        connections (10)\n"
	"  --families 4|6   IPv4, or IPv6 (4)\n"
	"  --go-file PATH   close when PATH exists\n"
	"\n"
	"Prints a line for each end, tabs between:\n"
	"ROLE STATE PID SADDR SPORT DADDR DPORT COOKIE SENT RECEIVED RTT UNREAD\n"
	"The last two ends are shut down by the server. One more connection is not accepted until\n"
	"it is told; then it is, before all are closed.\n"
	"The line of the listener is: listener PID PORT WAITING\n"
	"Then it says `live: ready NETNS' on stderr, and holds all of them.\n";

static struct hold_options opts = { .count = 10, .family = V4 };

struct end {
	int fd;
	bool is_server;
	const char *state;
	long sent, received, unread;
};

static struct end ends[2 * PAIRS_MAX + 2];
static int n_ends;

static struct end *add(int fd, bool is_server)
{
	ends[n_ends] = (struct end){ .fd = fd, .is_server = is_server, .state = "established" };
	return &ends[n_ends++];
}

/* Sends, and leaves some of it unread. */
static void talk(struct end *from, struct end *to, long bytes, long unread)
{
	socket_send(from->fd, bytes);
	socket_receive(to->fd, bytes - unread);
	from->sent = bytes;
	to->received = bytes;
	to->unread = unread;
	socket_await_sent(from->fd);
}

static void open_pair(int listener, const union address *at, int number)
{
	int fd = socket_new(opts.family, 0);
	struct end *client, *server;

	if (connect(fd, &at->sa, address_size(at)))
		die("connect");
	client = add(fd, false);
	server = add(socket_accept(listener, NULL), true);
	talk(client, server, 100 * (number + 1), number % 3);
	talk(server, client, 5000 * (number + 1), 0);
}

static void await_state(int fd, int state)
{
	struct tcp_info info;

	for (socket_info(fd, &info); info.tcpi_state != state; socket_info(fd, &info))
		usleep(1000);
}

static void shut_down(struct end *client, struct end *server)
{
	if (shutdown(server->fd, SHUT_WR))
		die("shutdown");
	socket_await_eof(client->fd);
	await_state(server->fd, TCP_FIN_WAIT2);
	client->state = "close-wait";
	server->state = "fin-wait-2";
}

static void open_unaccepted(const union address *at)
{
	int fd = socket_new(opts.family, 0);

	if (connect(fd, &at->sa, address_size(at)))
		die("connect");
	add(fd, false);
}

static void print_end(const struct end *end)
{
	struct tcp_info info;
	struct tuple tuple;

	socket_local(end->fd, &tuple.local);
	socket_remote(end->fd, &tuple.remote);
	socket_info(end->fd, &info);
	printf("%s\t%s\t%d\t", end->is_server ? "server" : "client", end->state, (int)getpid());
	tuple_print(stdout, &tuple);
	printf("\t%" PRIu64 "\t%ld\t%ld\t%u\t%ld\n", socket_cookie(end->fd), end->sent,
	       end->received, info.tcpi_rtt, end->unread);
}

/* The end that waits has no descriptor yet. */
static void print_waiting(const struct end *other)
{
	struct tuple tuple;

	socket_local(other->fd, &tuple.remote);
	socket_remote(other->fd, &tuple.local);
	fputs("server\tqueued\t-\t", stdout);
	tuple_print(stdout, &tuple);
	fputs("\t-\t0\t0\t-\t0\n", stdout);
}

static void print_all(const union address *at)
{
	for (int i = 0; i < n_ends; i++)
		print_end(&ends[i]);
	print_waiting(&ends[n_ends - 1]);
	printf("listener\t%d\t%u\t1\n", (int)getpid(), address_port(at));
	fflush(stdout);
}

/* Returns the listener. */
static int open_all(void)
{
	union address at;
	int listener = socket_listen(opts.family, &at);

	for (int i = 0; i < opts.count; i++)
		open_pair(listener, &at, i);
	shut_down(&ends[n_ends - 2], &ends[n_ends - 1]);
	open_unaccepted(&at);
	print_all(&at);
	return listener;
}

static void __attribute__((noreturn)) misuse(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { HOLD_OPTIONS, {} };
	int option, listener;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (hold_option(&opts, option, optarg))
			misuse();
	if (optind < argc || opts.count < 1 || opts.count > PAIRS_MAX)
		misuse();
	listener = open_all();
	hold_until_told(&opts, netns_inode());
	add(socket_accept(listener, NULL), true);
	for (int i = 0; i < n_ends; i++)
		close(ends[i].fd);
	return 0;
}
