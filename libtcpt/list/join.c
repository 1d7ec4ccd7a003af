// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finds the socket of a connection. A cookie is never used again, but a socket keeps it when
 * it is connected once more, so the ends have to be the same too. Two sockets of one network
 * namespace do not have the same two ends at once.
 */
#include "internal.h"
#include "list/join.h"
#include "trace/existing-diag.h"

/* Addresses and ports, which come first in a tuple. */
#define ENDS_SIZE offsetof(struct tcpt_abi_tuple, netns)

static int compare_ends(const struct tcpt_abi_tuple *a, const struct tcpt_abi_tuple *b)
{
	return a->family != b->family ? a->family - b->family : memcmp(a, b, ENDS_SIZE);
}

static int order_of_cookies(const void *a, const void *b)
{
	const struct older *const *x = a, *const *y = b;
	uint64_t one = (*x)->conn.cookie, other = (*y)->conn.cookie;

	return one < other ? -1 : one > other;
}

static int order_of_ends(const void *a, const void *b)
{
	const struct older *const *x = a, *const *y = b;

	return compare_ends(&(*x)->conn.tuple, &(*y)->conn.tuple);
}

void join_close(struct join *join)
{
	free(join->by_cookie);
	free(join->by_ends);
}

int join_open(struct join *join, const struct stock *stock)
{
	size_t n = stock->count;

	join->count = n;
	join->by_cookie = calloc(n + 1, sizeof(*join->by_cookie));
	join->by_ends = calloc(n + 1, sizeof(*join->by_ends));
	if (!join->by_cookie || !join->by_ends) {
		join_close(join);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		join->by_cookie[i] = join->by_ends[i] = &stock->older[i];
	qsort(join->by_cookie, n, sizeof(*join->by_cookie), order_of_cookies);
	qsort(join->by_ends, n, sizeof(*join->by_ends), order_of_ends);
	return 0;
}

/* The trace may know the namespace by its inode, by its cookie, or by neither. */
static bool is_same_netns(const struct tcpt_abi_tuple *a, const struct tcpt_abi_tuple *b)
{
	if (a->netns && b->netns)
		return a->netns == b->netns;
	return !a->netns_cookie || !b->netns_cookie || a->netns_cookie == b->netns_cookie;
}

/* A kernel may show a socket twice, if another one moves meanwhile. */
static const struct older *find_ends(const struct join *join, const struct tcpt_abi_conn *conn)
{
	const struct older key = { .conn = *conn }, *at = &key;
	const struct older **found =
		bsearch(&at, join->by_ends, join->count, sizeof(*join->by_ends), order_of_ends);
	const struct older **end = join->by_ends + join->count;

	while (found && found > join->by_ends && !order_of_ends(found - 1, &at))
		found--;
	for (; found && found < end && !order_of_ends(found, &at); found++)
		if (is_same_netns(&(*found)->conn.tuple, &conn->tuple))
			return *found;
	return NULL;
}

const struct older *join_find(const struct join *join, const struct tcpt_abi_conn *conn)
{
	const struct older key = { .conn = *conn }, *at = &key;
	const struct older **found;

	if (!conn->cookie)
		return find_ends(join, conn);
	found = bsearch(&at, join->by_cookie, join->count, sizeof(*join->by_cookie),
			order_of_cookies);
	return found && !compare_ends(&(*found)->conn.tuple, &conn->tuple) ? *found : NULL;
}
