/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * underway: begins TCP connects that get no answer, since the listener's queue
 * is full, and brings them to an end when it is told to. What it prints then is
 * what a trace must have reported of them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "hold.h"
#include "netns.h"
#include "process.h"
#include "socket.h"

#define CONNECTS_MAX 1024

static const char usage_text[] =
	"Usage: underway --outcome OUTCOME [OPTION]...\n"
	"\n"
	"  --count N        connects (10)\n"
	"  --families 4|6   IPv4, or IPv6 (4)\n"
	"  --go-file PATH   end them when PATH exists\n"
	"  --outcome WHAT   refused, accepted, timeout; closed by the program, or killed\n"
	"  --pause US       between two closes (0)\n"
	"\n"
	"Says `underway: ready NETNS' on stderr. Then a line for each, tabs between:\n"
	"ENDED TYPE PID COMM SADDR SPORT DADDR DPORT COOKIE ERRNO\n"
	"with ENDED in ns of CLOCK_MONOTONIC. Gives up after 5 minutes.\n";

static struct hold_options opts = { .count = 10, .family = V4 };
static const char *wanted;

/* Shared with the process that is killed. */
static struct held *connects;
static int listener;

/* ---- beginning ---- */

static void begin(struct held *held, const union address *to)
{
	held->fd = socket_new(opts.family, 0);
	socket_nonblock(held->fd);
	socket_option(held->fd, SOL_TCP, TCP_SYNCNT, 8); /* four minutes */
	if (connect(held->fd, &to->sa, address_size(to)) && errno != EINPROGRESS)
		die("connect");
	held->tuple.remote = *to;
	socket_local(held->fd, &held->tuple.local);
}

/* The first one fills the queue. */
static void begin_all(void)
{
	union address at;
	struct held filler;
	struct tcp_info info;

	listener = socket_listen(opts.family, &at);
	if (listen(listener, 0))
		die("listen");
	begin(&filler, &at);
	for (int i = 0; i < opts.count; i++) {
		begin(&connects[i], &at);
		socket_info(connects[i].fd, &info);
		errno = 0;
		if (info.tcpi_state != TCP_SYN_SENT)
			die("the connect is answered");
	}
}

/* ---- ending ---- */

static void print_all(const char *type, int pid, const char *error)
{
	for (struct held *held = connects; held < connects + opts.count; held++) {
		printf("%llu\t%s\t%d\tunderway\t", (unsigned long long)held->ended, type, pid);
		tuple_print(stdout, &held->tuple);
		printf("\t%llu\t%s\n", (unsigned long long)held->cookie, error);
	}
}

/* The next attempt finds the outcome. */
static void await_all(const char *type, int expected, const char *error)
{
	for (struct held *held = connects; held < connects + opts.count; held++) {
		socket_await_connect(held->fd, expected);
		held->ended = now_ns();
		held->cookie = socket_cookie(held->fd);
	}
	print_all(type, getpid(), error);
}

static void refused(void)
{
	close(listener);
	await_all("fail", ECONNREFUSED, "ECONNREFUSED");
}

static void accepted(void)
{
	if (listen(listener, opts.count + 1))
		die("listen");
	await_all("connect", 0, "-");
}

static void timed_out(void)
{
	for (int i = 0; i < opts.count; i++)
		socket_option(connects[i].fd, SOL_TCP, TCP_SYNCNT, 1);
	await_all("fail", ETIMEDOUT, "ETIMEDOUT");
}

/* The trace has not seen whether they were refused before, and says nothing of an error. */
static void closed(void)
{
	for (int i = 0; i < opts.count; i++)
		held_close(&connects[i], &opts);
	print_all("fail", getpid(), "-");
}

/* ---- all of it ---- */

static void killed(void)
{
	int sync[2];
	pid_t child;

	channel(sync);
	child = fork_child();
	if (!child) {
		begin_all();
		for (int i = 0; i < opts.count; i++)
			connects[i].cookie = socket_cookie(connects[i].fd);
		tell(sync[1]);
		pause();
	}
	await_told(sync[0]);
	hold_until_told(&opts, netns_inode());
	kill_and_reap(child);
	print_all("fail", child, "-");
}

static const struct outcome {
	const char *name;
	void (*end)(void);
} outcomes[] = {
	{ "refused", refused }, { "accepted", accepted }, { "timeout", timed_out },
	{ "closed", closed },	{ "killed", NULL },	  {},
};

static void __attribute__((noreturn)) misuse(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		HOLD_OPTIONS,
		{ "outcome", required_argument, NULL, 'o' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'o')
			wanted = optarg;
		else if (hold_option(&opts, option, optarg))
			misuse();
	}
	if (optind < argc || !wanted || opts.count < 1 || opts.count > CONNECTS_MAX)
		misuse();
}

int main(int argc, char **argv)
{
	const struct outcome *outcome = outcomes;

	parse(argc, argv);
	while (outcome->name && strcmp(outcome->name, wanted))
		outcome++;
	if (!outcome->name)
		misuse();
	connects = mmap(NULL, CONNECTS_MAX * sizeof(*connects), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (connects == MAP_FAILED)
		die("mmap");
	alarm(1800);
	if (!outcome->end) {
		killed();
		return 0;
	}
	begin_all();
	hold_until_told(&opts, netns_inode());
	outcome->end();
	return 0;
}
