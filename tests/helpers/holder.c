/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * holder: opens TCP connections over loopback, holds both ends of each, and
 * closes them when it is told to. What it prints at the end is what a trace
 * that was loaded meanwhile must have reported of their closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "hold.h"
#include "netns.h"
#include "process.h"
#include "socket.h"

#define ENDS_MAX 8192

static const char usage_text[] =
	"Usage: holder [OPTION]...\n"
	"\n"
	"  --count N        connections (10)\n"
	"  --families 4|6   IPv4, or IPv6 (4)\n"
	"  --first-ends     a second thread does it all, and the first one ends\n"
	"  --go-file PATH   close when PATH exists\n"
	"  --keep-netns     keep a descriptor of the namespace of --netns\n"
	"  --netns PATH     open them in this network namespace, and leave it\n"
	"  --own-files      a second thread does it all, with descriptors of its own\n"
	"  --own-netns      a second thread does it all, in a new network namespace\n"
	"  --pause US       between two closes (0)\n"
	"  --reset          the ends that connected reset, then the others close\n"
	"  --shared         a child holds them too, and closes them when this has\n"
	"\n"
	"Says `holder: ready NETNS' on stderr. Then a line for each end, tabs between:\n"
	"CLOSED OPENER CLOSER COMM ROLE SADDR SPORT DADDR DPORT COOKIE\n"
	"with CLOSED in ns of CLOCK_MONOTONIC. Gives up after 5 minutes.\n";

static struct hold_options opts = { .count = 10, .family = V4 };
static const char *netns_path;
static int first_ends, keep_netns, own_files, own_netns, reset, shared; /* flags */

static struct end {
	struct held held;
	bool server;
} ends[ENDS_MAX];
static int n_ends;
static unsigned long long netns; /* in which the connections are */

static void add(int fd, bool server)
{
	struct end *end = &ends[n_ends++];

	end->held.fd = fd;
	end->server = server;
	socket_local(fd, &end->held.tuple.local);
	socket_remote(fd, &end->held.tuple.remote);
}

static void enter(const char *path, int keep)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		die("%s", path);
	netns_enter(fd);
	if (!keep)
		close(fd);
}

static void open_connections(void)
{
	union address at;
	int listener = socket_listen(opts.family, &at);

	for (int i = 0; i < opts.count; i++) {
		int fd = socket_new(opts.family, 0);

		if (connect(fd, &at.sa, address_size(&at)))
			die("connect");
		add(fd, false);
		add(socket_accept(listener, NULL), true);
	}
}

static void open_all(void)
{
	char back[64];
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (netns_path)
		enter(netns_path, keep_netns);
	open_connections();
	netns = netns_inode();
	snprintf(back, sizeof(back), "/proc/self/fd/%d", fd);
	if (netns_path)
		enter(back, 0);
	close(fd);
}

static void print_all(int opener, const char *comm)
{
	for (struct end *end = ends; end < ends + n_ends; end++) {
		printf("%llu\t%d\t%d\t%s\t%s\t", (unsigned long long)end->held.ended, opener,
		       (int)getpid(), comm, end->server ? "server" : "client");
		tuple_print(stdout, &end->held.tuple);
		printf("\t%llu\n", (unsigned long long)end->held.cookie);
	}
	fflush(stdout);
}

static void close_all(int opener, const char *comm)
{
	for (struct end *end = ends; end < ends + n_ends; end++) {
		if (reset && !end->server)
			socket_reset_on_close(end->held.fd);
		held_close(&end->held, &opts);
	}
	print_all(opener, comm);
}

/* The child closes when its parent has. */
static void close_shared(void)
{
	int sync[2], opener = getpid();
	pid_t child;

	channel(sync);
	child = fork_child();
	if (!child) {
		prctl(PR_SET_NAME, "holder-child");
		await_told(sync[1]);
		close_all(opener, "holder-child");
		_exit(0);
	}
	hold_until_told(&opts, netns);
	for (int i = 0; i < n_ends; i++)
		close(ends[i].held.fd);
	tell(sync[0]);
	reap(child);
}

static void __attribute__((noreturn)) misuse(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		HOLD_OPTIONS,
		{ "first-ends", no_argument, &first_ends, 1 },
		{ "keep-netns", no_argument, &keep_netns, 1 },
		{ "netns", required_argument, NULL, 'N' },
		{ "own-files", no_argument, &own_files, 1 },
		{ "own-netns", no_argument, &own_netns, 1 },
		{ "reset", no_argument, &reset, 1 },
		{ "shared", no_argument, &shared, 1 },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'N')
			netns_path = optarg;
		else if (option && hold_option(&opts, option, optarg))
			misuse();
	}
	if (optind < argc || opts.count < 1 || opts.count > ENDS_MAX / 2)
		misuse();
}

static void open_and_hold(void)
{
	if (own_files && unshare(CLONE_FILES))
		die("CLONE_FILES");
	if (own_netns)
		netns_enter_new();
	open_all();
	if (shared) {
		close_shared();
		return;
	}
	hold_until_told(&opts, netns);
	close_all(getpid(), "holder");
}

/* State Z of the first thread, whose descriptors are gone then, is what ends the wait. */
static void await_end_of_first(void)
{
	char path[64], line[256];
	FILE *file;
	bool ended = false;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	while (!ended) {
		file = fopen(path, "re");
		ended = file && fgets(line, sizeof(line), file) && strstr(line, ") Z ");
		if (file)
			fclose(file);
		usleep(1000);
	}
}

static void *run(void *unused)
{
	if (first_ends)
		await_end_of_first();
	open_and_hold();
	exit(0);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	parse(argc, argv);
	alarm(1800);
	if (!first_ends && !own_files && !own_netns) {
		open_and_hold();
		return 0;
	}
	if (pthread_create(&thread, NULL, run, NULL))
		die("thread");
	if (first_ends)
		pthread_exit(NULL);
	pthread_join(thread, NULL);
	return 0;
}
