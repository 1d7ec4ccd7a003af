// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The text of filters, and which events they select. */
#include <errno.h>
#include <sys/stat.h>

#include "../test.h"
#include "filter-text.h"
#include "internal.h"
#include "tcpt_abi.h"
#include "trace/filter.h"

static void good_ones(void)
{
	CHECK_INT(parse("pid=1"), 1);
	CHECK_INT(parsed[0].key, TCPT_FILTER_PID);
	CHECK_INT(parsed[0].value, 1);
	CHECK_INT(parse("sport=0,65535,80"), 3);
	CHECK_INT(parsed[1].key, TCPT_FILTER_SPORT);
	CHECK_INT(parsed[1].value, 65535);
	CHECK_INT(parse("uid=0"), 1);
	CHECK_INT(parse("uid=4294967294"), 1);
	CHECK_INT(parse("netns=4026531840"), 1);
	CHECK_INT(parse("family=6,4"), 2);
	CHECK_INT(parse("cgroup=18446744073709551615"), 1);
	CHECK(parsed[0].value == UINT64_MAX);
	CHECK_INT(parse("type=connect,accept,close,fail,fdinstall,existing"), 6);
	CHECK_INT(parsed[2].value, TCPT_EVENT_CLOSE);
	CHECK_INT(parse("dport=1,2,3,4,5,6,7,8"), 8);
}

static void bad_ones(void)
{
	static const char *const bad[] = {
		"",
		"=",
		"pid",
		"pid=",
		"=1",
		"pid=,",
		"pid=1,",
		"pid=,1",
		"pid=0",
		"pid=-1",
		"pid=+1",
		"pid= 1",
		"pid=1 ",
		"pid=0x1",
		"pid=1.0",
		"pid=x",
		"PID=1",
		"pids=1",
		"pi=1",
		"uid=-1",
		"uid=4294967295",
		"sport=65536",
		"dport=99999999999999999999",
		"family=5",
		"family=46",
		"type=lost",
		"type=",
		"type=Close",
		"type=1",
		"watch=1",
		"netns=0",
		"netns=/nonexistent",
		"netns=/proc/self/status",
		"netns=/",
		"cgroup=0",
		"cgroup=/proc",
		"pid=1=2",
		"netns=/proc/self/ns/mnt",
		"netns=/proc/self/ns/pid",
		"netns=no-such-name",
		"uid=no-such-user",
		"uid=",
		"cgroup=no-path",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int n = parse(bad[i]);

		if (n >= 0 || !message[0])
			FAIL("'%s' gives %d and '%s'", bad[i], n, message);
		if (strchr(message, '\n'))
			FAIL("'%s': more than a line", bad[i]);
	}
	CHECK_INT(parse("dport=1,2,3,4,5,6,7,8,9"), -E2BIG);
	CHECK_STR(message, "more than 8 values of dport");
}

static void messages(void)
{
	parse("port=80");
	CHECK_STR(message,
		  "'port=80' is no filter; a filter is KEY=VALUE or KEY!=VALUE, and KEY is "
		  "one of pid, uid, comm, cgroup, netns, family, role, saddr, sport, daddr, dport, "
		  "type");
	parse("sport=80,no-such-service");
	CHECK_STR(message, "sport=no-such-service: 'no-such-service' is not a port, a range of "
			   "ports or a service");
	parse("daddr!=10.1.2.3/8");
	CHECK_STR(message, "daddr!=10.1.2.3/8: the address has bits behind the prefix; the network "
			   "is 10.0.0.0/8");
	parse("netns=/proc/self/ns/mnt");
	CHECK_STR(message, "netns=/proc/self/ns/mnt: '/proc/self/ns/mnt' is a namespace of another "
			   "kind: mnt");
	parse("netns=/nonexistent");
	CHECK_STR(message, "netns=/nonexistent: No such file or directory");
	parse("netns=no-such-name");
	CHECK_STR(message, "netns=no-such-name: there is no network namespace of this name in "
			   "/run/netns, where ip netns keeps them");
	parse("uid=no-such-user");
	CHECK_STR(message, "uid=no-such-user: 'no-such-user' is not a user or a user id");
}

static void paths(void)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return;
	CHECK_INT(parse("netns=/proc/self/ns/net"), 1);
	CHECK(parsed[0].value == st.st_ino);
}

/* A key with ! hides its values, also those that the key without it selects. */
static void negated(void)
{
	static const struct tcpt_filter list[] = { { .key = TCPT_FILTER_DPORT, .value = 80 },
						   { .key = TCPT_FILTER_DPORT, .value = 443 },
						   { .key = TCPT_FILTER_NOT_DPORT, .value = 443 },
						   { .key = TCPT_FILTER_NOT_UID, .value = 0 } };
	struct tcpt_abi_conn conn = { .tuple = { .dport = 80 }, .opener = { .pid = 1, .uid = 7 } };

	CHECK_INT(parse("dport!=443,80"), 2);
	CHECK_INT(parsed[0].key, TCPT_FILTER_NOT_DPORT);
	CHECK_INT(parsed[1].value, 80);
	CHECK_INT(parse("uid!=root"), 1);
	CHECK_INT(parse("netns!=/proc/self/status"), -EINVAL);
	CHECK_INT(parse("type!=close"), 1);
	CHECK_INT(parsed[0].key, TCPT_FILTER_NOT_TYPE);
	CHECK_INT(parse("watch!=1"), -EINVAL);
	CHECK_INT(parse("family!=5"), -EINVAL);
	CHECK(!filter_hides(list, 4, &conn));
	conn.tuple.dport = 443;
	CHECK(filter_hides(list, 4, &conn));
	CHECK(!filter_hides(list, 2, &conn));
	conn.tuple.dport = 81;
	CHECK(filter_hides(list, 4, &conn));
	CHECK(!filter_hides(list + 2, 2, &conn));
	conn.opener.uid = 0;
	CHECK(filter_hides(list + 2, 2, &conn));
	conn.opener.pid = 0; /* not known: nobody's */
	CHECK(!filter_hides(list + 2, 2, &conn));
}

static void users(void)
{
	CHECK_INT(parse("uid=root,1,root"), 3);
	CHECK_INT(parsed[0].value, 0);
	CHECK_INT(parsed[1].value, 1);
	CHECK_INT(parsed[2].value, 0);
}

static void names(void)
{
	for (int key = 0; key <= TCPT_FILTER_TYPE; key++) {
		CHECK(tcpt_filter_key_name(key) != NULL);
		CHECK(tcpt_filter_key_name(key + TCPT_FILTER_NOT_PID) != NULL);
	}
	CHECK(tcpt_filter_key_name(TCPT_FILTER_WATCH) != NULL);
	CHECK(tcpt_filter_key_name(TCPT_FILTER_TYPE + 1) == NULL);
	CHECK(tcpt_filter_key_name(TCPT_FILTER_KEYS) == NULL);
	CHECK(tcpt_filter_key_name((enum tcpt_filter_key) - 1) == NULL);
}

/* Each key alone selects its value, and hides another. */
static void keys_alone(void)
{
	static const struct tcpt_abi_conn conn = {
		.opener = { .pid = 10, .uid = 20, .cgroup = 30 },
		.tuple = { .netns = 40, .family = 4, .sport = 50, .dport = 60 },
	};
	static const struct tcpt_filter same[] = {
		{ .key = TCPT_FILTER_PID, .value = 10 },
		{ .key = TCPT_FILTER_UID, .value = 20 },
		{ .key = TCPT_FILTER_CGROUP, .value = 30 },
		{ .key = TCPT_FILTER_NETNS, .value = 40 },
		{ .key = TCPT_FILTER_FAMILY, .value = 4 },
		{ .key = TCPT_FILTER_SPORT, .value = 50 },
		{ .key = TCPT_FILTER_DPORT, .value = 60 },
	};

	CHECK(!filter_hides(NULL, 0, &conn));
	CHECK(!filter_hides(same, ARRAY_SIZE(same), &conn));
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		struct tcpt_filter list[ARRAY_SIZE(same) + 1];

		memcpy(list, same, sizeof(same));
		list[i].value++;
		CHECK(!filter_hides(&same[i], 1, &conn));
		CHECK(filter_hides(&list[i], 1, &conn));
		CHECK(filter_hides(list, ARRAY_SIZE(same), &conn)); /* a key lacks its value */
		list[ARRAY_SIZE(same)] = same[i];
		CHECK(!filter_hides(list, ARRAY_SIZE(list), &conn)); /* each key has its value */
	}
}

/* A connection whose task is not known does not belong to user 0. */
static void no_task(void)
{
	static const struct tcpt_abi_conn conn = { .tuple = { .family = 4 } };
	static const struct tcpt_filter user = { .key = TCPT_FILTER_UID, .value = 0 },
					family = { .key = TCPT_FILTER_FAMILY, .value = 4 };

	CHECK(filter_hides(&user, 1, &conn));
	CHECK(!filter_hides(&family, 1, &conn));
}

static void keys_of_other_things(void)
{
	static const struct tcpt_abi_conn conn = { .tuple = { .family = 4 } };
	static const struct tcpt_filter list[] = { { .key = TCPT_FILTER_TYPE,
						     .value = TCPT_EVENT_CLOSE },
						   { .key = TCPT_FILTER_WATCH, .value = 5 } };

	CHECK(!filter_hides(list, ARRAY_SIZE(list), &conn));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(good_ones), TEST(bad_ones),
		TEST(messages),	 TEST(paths),
		TEST(users),	 TEST(negated),
		TEST(names),	 TEST(keys_alone),
		TEST(no_task),	 TEST(keys_of_other_things),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
