// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Connections of a trace find their sockets: by cookie, and else by their ends. */
#include "../test.h"
#include "list/join.h"
#include "trace/existing-diag.h"

static struct older socket_of(uint64_t cookie, uint16_t sport, uint16_t dport, uint32_t netns)
{
	struct older older = { .inode = 1, .conn = { .cookie = cookie } };

	older.conn.tuple = (struct tcpt_abi_tuple){ .saddr = { 0x0100007f },
						    .daddr = { 0x0100007f },
						    .sport = sport,
						    .dport = dport,
						    .netns = netns,
						    .netns_cookie = netns + 1000,
						    .family = 4 };
	return older;
}

static struct older sockets[] = { { .inode = 1 }, { .inode = 2 }, { .inode = 3 }, { .inode = 4 } };
static const struct stock stock = { .older = sockets, .count = 4 };

static void fill(struct join *join)
{
	sockets[0] = socket_of(7, 1000, 80, 1);
	sockets[1] = socket_of(5, 80, 1000, 1);
	sockets[2] = socket_of(9, 1000, 80, 2);
	sockets[3] = socket_of(3, 1001, 80, 2);
	CHECK_INT(join_open(join, &stock), 0);
}

static void by_cookie(void)
{
	struct tcpt_abi_conn conn = socket_of(9, 1000, 80, 0).conn;
	struct join join;

	fill(&join);
	CHECK(join_find(&join, &conn) == &sockets[2]);
	conn.cookie = 7;
	CHECK(join_find(&join, &conn) == &sockets[0]);
	conn.cookie = 8;
	CHECK(!join_find(&join, &conn));
	conn.cookie = 3; /* the socket has been connected once more since */
	CHECK(!join_find(&join, &conn));
	join_close(&join);
}

static void by_ends(void)
{
	struct tcpt_abi_conn conn = socket_of(0, 1000, 80, 2).conn;
	struct join join;

	fill(&join);
	CHECK(join_find(&join, &conn) == &sockets[2]);
	conn.tuple.netns = 1;
	CHECK(join_find(&join, &conn) == &sockets[0]);
	conn.tuple.netns = 3;
	CHECK(!join_find(&join, &conn));
	conn.tuple.netns = 0;
	conn.tuple.netns_cookie = 1002;
	CHECK(join_find(&join, &conn) == &sockets[2]);
	conn.tuple.netns_cookie = 1001;
	CHECK(join_find(&join, &conn) == &sockets[0]);
	conn.tuple.netns_cookie = 1;
	CHECK(!join_find(&join, &conn));
	conn.tuple.family = 6;
	conn.tuple.netns_cookie = 0;
	CHECK(!join_find(&join, &conn));
	join_close(&join);
}

static void nothing(void)
{
	const struct stock none = {};
	struct tcpt_abi_conn conn = socket_of(9, 1000, 80, 1).conn;
	struct join join;

	CHECK_INT(join_open(&join, &none), 0);
	CHECK(!join_find(&join, &conn));
	conn.cookie = 0;
	CHECK(!join_find(&join, &conn));
	join_close(&join);
}

int main(void)
{
	static const struct test tests[] = { TEST(by_cookie), TEST(by_ends), TEST(nothing) };

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
