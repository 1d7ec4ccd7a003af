/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One TCP connection with known parameters. */
#ifndef TCPT_PAIR_H
#define TCPT_PAIR_H

#include <netinet/in.h>
#include <stdbool.h>

#define STEP_MS 1000 /* no step of an experiment waits longer */

enum pair_kind {
	PAIR_IPV4,
	PAIR_IPV6,
	PAIR_MAPPED,
	PAIR_KINDS,
};

struct pair {
	enum pair_kind kind;
	bool any_ipv6;
	bool any_port; /* the client leaves its own to the kernel */
	int client;
	int server;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

void pair_init(struct pair *pair, enum pair_kind kind, bool any_ipv6);
/* These return a descriptor. A bound socket that does not listen refuses connections. */
int pair_bind(const struct pair *pair);
int pair_listen(const struct pair *pair);
/*
 * Starts the connection to that socket's address; the hook sees the client's sock
 * change to SYN_SENT.
 */
int pair_connect(struct pair *pair, int to);
int pair_accept(struct pair *pair, int listener);
/* Random amounts of data in both directions, and round trips that take random times. */
int pair_exchange(struct pair *pair);
/* The server goes away, with a reset as all sockets of a pair do. */
void pair_reset(struct pair *pair);
/* The server takes no more packets, lest it become a TIME_WAIT. */
void pair_deafen(const struct pair *pair);
void pair_close(struct pair *pair);
int pair_await(int fd, short events);
const char *pair_kind_name(enum pair_kind kind);

#endif
