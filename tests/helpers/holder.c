/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * holder: opens TCP connections over loopback, holds both ends of each, and
 * closes them when it is told to. What it prints at the end is what a trace
 * that was loaded meanwhile must have told of their closes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare, setns */
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

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

static struct {
	int count;
	int family;
	const char *go_file;
	const char *netns;
	int pause_us;
	int first_ends; /* flags from here on */
	int keep_netns;
	int own_files;
	int own_netns;
	int reset;
	int shared;
} opts = { .count = 10, .family = AF_INET };

static struct end {
	int fd;
	bool server;
	uint64_t closed;
	uint64_t cookie;
	struct sockaddr_storage local, remote;
} ends[ENDS_MAX];
static int n_ends;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "holder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void add(int fd, bool server)
{
	struct end *end = &ends[n_ends++];
	socklen_t size = sizeof(end->local), peer_size = sizeof(end->remote);

	end->fd = fd;
	end->server = server;
	if (getsockname(fd, (void *)&end->local, &size) ||
	    getpeername(fd, (void *)&end->remote, &peer_size))
		die("getsockname");
}

static int listen_somewhere(struct sockaddr_storage *at)
{
	socklen_t size = sizeof(*at);
	int fd = socket(opts.family, SOCK_STREAM, 0);

	memset(at, 0, sizeof(*at));
	at->ss_family = opts.family;
	if (opts.family == AF_INET)
		((struct sockaddr_in *)at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)at)->sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, (void *)at, sizeof(*at)) || listen(fd, 128) ||
	    getsockname(fd, (void *)at, &size))
		die("listen");
	return fd;
}

static void bring_up_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(fd);
}

static void enter(const char *path, int keep)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	if (!keep)
		close(fd);
}

static struct stat netns; /* in which the connections are */

static void open_connections(void)
{
	struct sockaddr_storage at;
	int listener = listen_somewhere(&at);

	for (int i = 0; i < opts.count; i++) {
		int fd = socket(opts.family, SOCK_STREAM, 0), peer;

		if (fd < 0 || connect(fd, (void *)&at, sizeof(at)))
			die("connect");
		peer = accept(listener, NULL, NULL);
		if (peer < 0)
			die("accept");
		add(fd, false);
		add(peer, true);
	}
}

static void open_all(void)
{
	char back[64];
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (opts.netns)
		enter(opts.netns, opts.keep_netns);
	open_connections();
	if (stat("/proc/thread-self/ns/net", &netns))
		die("ns/net");
	snprintf(back, sizeof(back), "/proc/self/fd/%d", fd);
	if (opts.netns)
		enter(back, 0);
	close(fd);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void close_end(struct end *end)
{
	const struct linger linger = { .l_onoff = 1 };
	socklen_t size = sizeof(end->cookie);

	if (getsockopt(end->fd, SOL_SOCKET, SO_COOKIE, &end->cookie, &size))
		die("SO_COOKIE");
	if (opts.reset && !end->server &&
	    setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER");
	end->closed = now();
	close(end->fd);
	if (opts.pause_us)
		usleep(opts.pause_us);
}

static void address(const struct sockaddr_storage *at, char *text, unsigned int *port)
{
	const struct sockaddr_in6 *in6 = (const void *)at;
	const struct sockaddr_in *in = (const void *)at;

	if (at->ss_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &in6->sin6_addr, text, INET6_ADDRSTRLEN);
	*port = ntohs(in->sin_port);
}

static void print_all(int opener, int closer, const char *comm)
{
	for (struct end *end = ends; end < ends + n_ends; end++) {
		char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
		unsigned int sport, dport;

		address(&end->local, local, &sport);
		address(&end->remote, remote, &dport);
		printf("%llu\t%d\t%d\t%s\t%s\t%s\t%u\t%s\t%u\t%llu\n",
		       (unsigned long long)end->closed, opener, closer, comm,
		       end->server ? "server" : "client", local, sport, remote, dport,
		       (unsigned long long)end->cookie);
	}
	fflush(stdout);
}

static void await_go(void)
{
	struct stat st;

	fprintf(stderr, "holder: ready %llu\n", (unsigned long long)netns.st_ino);
	while (opts.go_file && stat(opts.go_file, &st))
		usleep(1000);
}

static void close_all(int opener, const char *comm)
{
	for (int i = 0; i < n_ends; i++)
		close_end(&ends[i]);
	print_all(opener, getpid(), comm);
}

/* The child closes when its parent has: at the end of a pipe. */
static void __attribute__((noreturn)) share(int pipe_end, int opener)
{
	char nothing;

	prctl(PR_SET_NAME, "holder-child");
	if (read(pipe_end, &nothing, 1))
		die("read");
	close_all(opener, "holder-child");
	exit(0);
}

static void close_shared(void)
{
	int fds[2], status, opener = getpid();
	pid_t child;

	if (pipe(fds))
		die("pipe");
	fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		close(fds[1]);
		share(fds[0], opener);
	}
	await_go();
	for (int i = 0; i < n_ends; i++)
		close(ends[i].fd);
	close(fds[1]);
	if (wait(&status) < 0 || status)
		die("the child");
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "families", required_argument, NULL, 'f' },
		{ "first-ends", no_argument, &opts.first_ends, 1 },
		{ "go-file", required_argument, NULL, 'g' },
		{ "keep-netns", no_argument, &opts.keep_netns, 1 },
		{ "netns", required_argument, NULL, 'N' },
		{ "own-files", no_argument, &opts.own_files, 1 },
		{ "own-netns", no_argument, &opts.own_netns, 1 },
		{ "pause", required_argument, NULL, 'p' },
		{ "reset", no_argument, &opts.reset, 1 },
		{ "shared", no_argument, &opts.shared, 1 },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 0:
			break;
		case 'n':
			opts.count = atoi(optarg);
			break;
		case 'f':
			opts.family = atoi(optarg) == 6 ? AF_INET6 : AF_INET;
			break;
		case 'N':
			opts.netns = optarg;
			break;
		case 'g':
			opts.go_file = optarg;
			break;
		case 'p':
			opts.pause_us = atoi(optarg);
			break;
		default:
			fputs(usage_text, stderr);
			exit(2);
		}
	}
	if (optind < argc || opts.count < 1 || opts.count > ENDS_MAX / 2) {
		fputs(usage_text, stderr);
		exit(2);
	}
}

static void hold(void)
{
	if (opts.own_files && unshare(CLONE_FILES))
		die("CLONE_FILES");
	if (opts.own_netns && unshare(CLONE_NEWNET))
		die("CLONE_NEWNET");
	if (opts.own_netns)
		bring_up_loopback();
	open_all();
	if (opts.shared) {
		close_shared();
	} else {
		await_go();
		close_all(getpid(), "holder");
	}
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
	if (opts.first_ends)
		await_end_of_first();
	hold();
	exit(0);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	parse(argc, argv);
	alarm(1800);
	if (!opts.first_ends && !opts.own_files && !opts.own_netns) {
		hold();
		return 0;
	}
	if (pthread_create(&thread, NULL, run, NULL))
		die("thread");
	if (opts.first_ends)
		pthread_exit(NULL);
	pthread_join(thread, NULL);
	return 0;
}
