// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * brief DIR COUNT: processes that live for a moment and make one connection each, from
 * executables in DIR that have ten names. Some do so in a thread of another name, and some
 * do not execute anything. Each prints, of itself, to stdout:
 *
 *     PID PPID EXE NAME BEFORE AFTER
 *
 * BEFORE and AFTER are CLOCK_MONOTONIC in ns, before it was forked and when it ran. At the
 * end it says on stderr how many lived for less than 10 ms.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMES 10
#define CHILDREN 50 /* of each parent */

static struct sockaddr_in server = { .sin_family = AF_INET };

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void make_connection(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof(server)))
		err(1, "connect");
	close(fd);
}

static void *in_thread(void *arg)
{
	prctl(PR_SET_NAME, "brief-thread");
	make_connection();
	return arg;
}

/* What the kernel says of this process, in one write: others write too. */
static void record(uint64_t before)
{
	uint64_t after = now();
	char exe[256] = "", name[32] = "", line[512];
	int fd = open("/proc/self/comm", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);

	name[n < 1 ? 0 : n - 1] = '\0';
	close(fd);
	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		err(1, "readlink");
	n = snprintf(line, sizeof(line), "%d\t%d\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", getpid(),
		     getppid(), exe, name, before, after);
	if (write(STDOUT_FILENO, line, n) != n)
		err(1, "write");
}

static void live(uint64_t before, bool threads)
{
	pthread_t thread;

	record(before);
	if (!threads)
		make_connection();
	else if (pthread_create(&thread, NULL, in_thread, NULL) || pthread_join(thread, NULL))
		errx(1, "thread");
}

/* ---- those who make them ---- */

static void copy_self(const char *path)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) ||
	    sendfile(to, from, NULL, st.st_size) != st.st_size)
		err(1, "%s", path);
	close(from);
	close(to);
}

static void run(const char *dir, unsigned int i, uint64_t before)
{
	char exe[256], port[16], when[32];

	snprintf(exe, sizeof(exe), "%s/brief-%u", dir, i % NAMES);
	snprintf(port, sizeof(port), "%d", ntohs(server.sin_port));
	snprintf(when, sizeof(when), "%" PRIu64, before);
	if (i % 7) {
		execl(exe, "brief", "--child", port, when, i % 3 ? "" : "thread", NULL);
		err(1, "%s", exe);
	}
	live(before, false);
	_exit(0);
}

/* Returns whether the process lived for less than 10 ms. */
static bool fork_one(const char *dir, unsigned int i, int listener)
{
	uint64_t before = now();
	pid_t pid = fork();
	int status, fd;

	if (!pid)
		run(dir, i, before);
	fd = pid < 0 ? -1 : accept(listener, NULL, NULL);
	if (fd < 0 || waitpid(pid, &status, 0) != pid || status)
		errx(1, "process %u has failed", i);
	close(fd);
	return now() - before < 10000000;
}

static int make_listener(void)
{
	socklen_t size = sizeof(server);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&server, sizeof(server)) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&server, &size))
		err(1, "listen");
	return fd;
}

/* The exit status of a parent is the number of its children that lived long. */
static void make_all(const char *dir, unsigned int count)
{
	int listener = make_listener(), status;
	unsigned int slow = 0;

	for (unsigned int i = 0; i < count; i += CHILDREN) {
		pid_t parent = fork();

		if (!parent) {
			slow = 0;
			for (unsigned int j = i; j < i + CHILDREN && j < count; j++)
				slow += !fork_one(dir, j, listener);
			_exit(slow);
		}
		if (parent < 0 || waitpid(parent, &status, 0) != parent || !WIFEXITED(status) ||
		    WEXITSTATUS(status) > CHILDREN)
			errx(1, "a parent has failed");
		slow += WEXITSTATUS(status);
	}
	fprintf(stderr, "%u of %u lived for less than 10 ms\n", count - slow, count);
}

int main(int argc, char **argv)
{
	char path[256];

	if (argc == 5 && !strcmp(argv[1], "--child")) {
		server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		server.sin_port = htons(atoi(argv[2]));
		live(strtoull(argv[3], NULL, 10), *argv[4]);
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: brief DIR COUNT");
	for (int i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/brief-%d", argv[1], i);
		copy_self(path);
	}
	make_all(argv[1], atoi(argv[2]));
	return 0;
}
