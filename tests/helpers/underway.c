/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * underway: begins TCP connects that get no answer, since the listener's queue
 * is full, and brings them to an end when it is told to. What it prints then is
 * what a trace must have told of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

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
	"Says `underway: ready' on stderr. Then a line for each, tabs between:\n"
	"ENDED TYPE PID COMM SADDR SPORT DADDR DPORT COOKIE ERRNO\n"
	"with ENDED in ns of CLOCK_MONOTONIC. Gives up after 5 minutes.\n";

static struct {
	int count;
	int family;
	const char *go_file;
	const char *outcome;
	int pause_us;
} opts = { .count = 10, .family = AF_INET };

/* Shared with the process that is killed. */
struct end {
	int fd;
	unsigned long long ended;
	unsigned long long cookie;
	struct sockaddr_storage local, remote;
};

static struct end *ends;
static int listener;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "underway: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- beginning ---- */

static void listen_somewhere(struct sockaddr_storage *at)
{
	socklen_t size = sizeof(*at);

	listener = socket(opts.family, SOCK_STREAM, 0);
	memset(at, 0, sizeof(*at));
	at->ss_family = opts.family;
	if (opts.family == AF_INET)
		((struct sockaddr_in *)at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)at)->sin6_addr = in6addr_loopback;
	if (listener < 0 || bind(listener, (void *)at, sizeof(*at)) || listen(listener, 0) ||
	    getsockname(listener, (void *)at, &size))
		die("listen");
}

static bool is_under_way(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &size))
		die("TCP_INFO");
	return info.tcpi_state == TCP_SYN_SENT;
}

static void begin(struct end *end, const struct sockaddr_storage *at)
{
	socklen_t size = sizeof(end->local);
	int attempts = 8; /* four minutes */

	end->fd = socket(opts.family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (end->fd < 0 || setsockopt(end->fd, SOL_TCP, TCP_SYNCNT, &attempts, sizeof(attempts)) ||
	    (connect(end->fd, (const void *)at, sizeof(*at)) && errno != EINPROGRESS))
		die("connect");
	end->remote = *at;
	if (getsockname(end->fd, (void *)&end->local, &size))
		die("getsockname");
}

/* The first one fills the queue. */
static void begin_all(void)
{
	struct sockaddr_storage at;
	struct end filler;

	listen_somewhere(&at);
	begin(&filler, &at);
	for (int i = 0; i < opts.count; i++) {
		begin(&ends[i], &at);
		if (!is_under_way(ends[i].fd))
			die("the connect is answered");
	}
}

/* ---- ending ---- */

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void await_end(struct end *end, int expected)
{
	struct pollfd pfd = { .fd = end->fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error;

	if (poll(&pfd, 1, -1) != 1 || getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &error, &size))
		die("the connect goes on");
	errno = error;
	if (error != expected)
		die("the connect ends with another error");
	end->ended = now();
}

static void read_cookie(struct end *end)
{
	socklen_t size = sizeof(end->cookie);

	if (getsockopt(end->fd, SOL_SOCKET, SO_COOKIE, &end->cookie, &size))
		die("SO_COOKIE");
}

static void print_all(const char *type, int pid, const char *error)
{
	for (struct end *end = ends; end < ends + opts.count; end++) {
		char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
		const struct sockaddr_in6 *l6 = (void *)&end->local, *r6 = (void *)&end->remote;
		const struct sockaddr_in *l = (void *)&end->local, *r = (void *)&end->remote;
		bool is_v4 = opts.family == AF_INET;

		inet_ntop(opts.family, is_v4 ? (void *)&l->sin_addr : (void *)&l6->sin6_addr, local,
			  sizeof(local));
		inet_ntop(opts.family, is_v4 ? (void *)&r->sin_addr : (void *)&r6->sin6_addr,
			  remote, sizeof(remote));
		printf("%llu\t%s\t%d\tunderway\t%s\t%u\t%s\t%u\t%llu\t%s\n", end->ended, type, pid,
		       local, ntohs(l->sin_port), remote, ntohs(r->sin_port), end->cookie, error);
	}
}

/* The next attempt finds the outcome. */
static void await_all(const char *type, int expected, const char *error)
{
	for (struct end *end = ends; end < ends + opts.count; end++) {
		await_end(end, expected);
		read_cookie(end);
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
	int attempts = 1;

	for (int i = 0; i < opts.count; i++)
		if (setsockopt(ends[i].fd, SOL_TCP, TCP_SYNCNT, &attempts, sizeof(attempts)))
			die("TCP_SYNCNT");
	await_all("fail", ETIMEDOUT, "ETIMEDOUT");
}

/* The trace has not seen whether they were refused before, and says nothing of an error. */
static void closed(void)
{
	for (struct end *end = ends; end < ends + opts.count; end++) {
		read_cookie(end);
		end->ended = now();
		close(end->fd);
		if (opts.pause_us)
			usleep(opts.pause_us);
	}
	print_all("fail", getpid(), "-");
}

/* ---- all of it ---- */

static void await_go(void)
{
	struct stat st;

	fprintf(stderr, "underway: ready\n");
	while (opts.go_file && stat(opts.go_file, &st))
		usleep(1000);
}

static void killed(void)
{
	int fds[2], status;
	char byte = 0;
	pid_t child;

	if (pipe(fds) || (child = fork()) < 0)
		die("fork");
	if (!child) {
		begin_all();
		for (int i = 0; i < opts.count; i++)
			read_cookie(&ends[i]);
		if (write(fds[1], &byte, 1) != 1)
			die("write");
		pause();
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		die("the child");
	await_go();
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child)
		die("wait");
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
		{ "count", required_argument, NULL, 'n' },
		{ "families", required_argument, NULL, 'f' },
		{ "go-file", required_argument, NULL, 'g' },
		{ "outcome", required_argument, NULL, 'o' },
		{ "pause", required_argument, NULL, 'p' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'n')
			opts.count = atoi(optarg);
		else if (option == 'f')
			opts.family = atoi(optarg) == 6 ? AF_INET6 : AF_INET;
		else if (option == 'g')
			opts.go_file = optarg;
		else if (option == 'o')
			opts.outcome = optarg;
		else if (option == 'p')
			opts.pause_us = atoi(optarg);
		else
			misuse();
	}
	if (optind < argc || !opts.outcome || opts.count < 1 || opts.count > CONNECTS_MAX)
		misuse();
}

int main(int argc, char **argv)
{
	const struct outcome *outcome = outcomes;

	parse(argc, argv);
	while (outcome->name && strcmp(outcome->name, opts.outcome))
		outcome++;
	if (!outcome->name)
		misuse();
	ends = mmap(NULL, CONNECTS_MAX * sizeof(*ends), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ends == MAP_FAILED)
		die("mmap");
	alarm(1800);
	if (!outcome->end) {
		killed();
		return 0;
	}
	begin_all();
	await_go();
	outcome->end();
	return 0;
}
