/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * calls: what system calls take, one thread, nothing else.
 *
 * With arguments, it makes calls of the named ones only. Prints CALL NANOSECONDS for each
 * call: the least of many rounds, since all that comes
 * in between makes one longer. accept and shutdown are of local sockets, which no trace
 * reports; cycle is connect, accept and two closes over IPv4's loopback.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 60
#define BATCH 100 /* a listener's queue has room for as many */
#define CALLS 1000

#define check(call)                              \
	({                                       \
		int result_ = (call);            \
		if (result_ < 0) {               \
			perror("calls: " #call); \
			exit(1);                 \
		}                                \
		result_;                         \
	})

static int pair[2], local_listener, listener;
static struct sockaddr_un local;
static struct sockaddr_in address;
static socklen_t local_size = sizeof(local), address_size = sizeof(address);

static uint64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000ULL + at.tv_nsec;
}

/* ---- rounds: each returns the nanoseconds of one call ---- */

#define ROUND(name, call)                               \
	static double name##_round(void)                \
	{                                               \
		uint64_t began = now();                 \
                                                        \
		for (int i = 0; i < CALLS; i++)         \
			call;                           \
		return (now() - began) / (double)CALLS; \
	}

ROUND(getppid, syscall(SYS_getppid))
ROUND(fcntl, fcntl(pair[0], F_GETFD))
ROUND(dup2, dup2(pair[0], 200))
ROUND(shutdown, shutdown(pair[0], SHUT_RD))

static double accept_round(void)
{
	int client[BATCH], server[BATCH];
	uint64_t began, took;

	for (int i = 0; i < BATCH; i++) {
		client[i] = check(socket(AF_UNIX, SOCK_STREAM, 0));
		check(connect(client[i], (void *)&local, local_size));
	}
	began = now();
	for (int i = 0; i < BATCH; i++)
		server[i] = accept(local_listener, NULL, NULL);
	took = now() - began;
	for (int i = 0; i < BATCH; i++) {
		close(client[i]);
		close(check(server[i]));
	}
	return took / (double)BATCH;
}

static double cycle_round(void)
{
	uint64_t began = now();

	for (int i = 0; i < BATCH; i++) {
		int client = check(socket(AF_INET, SOCK_STREAM, 0)), server;

		check(connect(client, (void *)&address, address_size));
		server = check(accept(listener, NULL, NULL));
		close(client);
		close(server);
	}
	return (now() - began) / (double)BATCH;
}

static const struct {
	const char *name;
	double (*round)(void);
} calls[] = {
	{ "getppid", getppid_round },	{ "fcntl", fcntl_round },   { "dup2", dup2_round },
	{ "shutdown", shutdown_round }, { "accept", accept_round }, { "cycle", cycle_round },
};

static void make_sockets(void)
{
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	local.sun_family = AF_UNIX; /* an abstract name of the kernel's choice */
	local_listener = check(socket(AF_UNIX, SOCK_STREAM, 0));
	check(bind(local_listener, (void *)&local, sizeof(local.sun_family)));
	check(getsockname(local_listener, (void *)&local, &local_size));
	check(listen(local_listener, BATCH));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = check(socket(AF_INET, SOCK_STREAM, 0));
	check(bind(listener, (void *)&address, address_size));
	check(getsockname(listener, (void *)&address, &address_size));
	check(listen(listener, BATCH));
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

int main(int argc, char **argv)
{
	make_sockets();
	(void)argc;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		double least;

		if (!is_wanted(calls[i].name, argv + 1))
			continue;
		least = calls[i].round();
		for (int round = 1; round < ROUNDS; round++) {
			double took = calls[i].round();

			least = took < least ? took : least;
		}
		printf("%s %.1f\n", calls[i].name, least);
	}
	return 0;
}
