/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the socket of a connection in what the kernel's socket diagnosis has shown. */
#ifndef TCPT_JOIN_H
#define TCPT_JOIN_H

#include <stddef.h>

struct older;
struct stock;
struct tcpt_abi_conn;

struct join {
	const struct older **by_cookie;
	const struct older **by_ends;
	size_t count;
};

/* Sorts the sockets, which have to stay where they are. */
int join_open(struct join *join, const struct stock *stock);
void join_close(struct join *join);

/*
 * Returns the socket that has the connection's cookie and ends. If the trace does not know
 * the cookie, the ends decide; NULL: there is none, or no more.
 */
const struct older *join_find(const struct join *join, const struct tcpt_abi_conn *conn);

#endif
