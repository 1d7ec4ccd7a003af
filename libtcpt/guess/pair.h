/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One TCP connection with known parameters. */
#ifndef TCPT_PAIR_H
#define TCPT_PAIR_H

#include <netinet/in.h>
#include <stdbool.h>

#define STEP_MS 3000 /* no step of an experiment waits longer */

enum pair_kind {
	PAIR_IPV4,
	PAIR_IPV6,
	PAIR_MAPPED,
	PAIR_KINDS,
};

struct pair {
	enum pair_kind kind;
	bool any_ipv6;
	bool any_port; /* the kernel chooses the address and port of the client */
	int client;
	int server;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

void pair_init(struct pair *pair, enum pair_kind kind, bool any_ipv6);
/*
 * Each returns a socket that is bound, or listens too; or a negative errno. A bound
 * socket that does not listen refuses connections.
 */
int pair_bind(const struct pair *pair);
int pair_listen(const struct pair *pair);
/*
 * Starts a connection to the address of the socket to. The hook sees the client's sock
 * change to SYN_SENT.
 */
int pair_connect(struct pair *pair, int to);
/* Accepts the client's connection, and waits until it is established. */
int pair_accept(struct pair *pair, int listener);
/* Sends random amounts of data in both directions, with round trips of random length. */
int pair_exchange(struct pair *pair);
/* Closes the server. That sends a reset, as with all sockets of a pair. */
void pair_reset(struct pair *pair);
/* Makes the server ignore all packets, lest it become a TIME_WAIT. */
void pair_deafen(const struct pair *pair);
void pair_close(struct pair *pair);
/* Waits until one of events can be had. Returns -ETIMEDOUT after STEP_MS. */
int pair_await(int fd, short events);
const char *pair_kind_name(enum pair_kind kind);

#endif
