// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of open connections and listeners. */
#include "../test.h"
#include "internal.h"

static struct tcpt_connection some(void)
{
	struct tcpt_connection connection = {
		.event = { .type = TCPT_EVENT_EXISTING,
			   .role = TCPT_ROLE_CLIENT,
			   .id = 5,
			   .pid = 10,
			   .tid = 11,
			   .uid = 0,
			   .comm = "a\tb",
			   .family = 4,
			   .saddr = { 127, 0, 0, 1 },
			   .daddr = { 10, 0, 0, 2 },
			   .sport = 1000,
			   .dport = 80,
			   .netns = 4,
			   .cookie = 6,
			   .has_duration = true,
			   .duration_ns = 100,
			   .has_bytes_sent = true,
			   .bytes_sent = 1,
			   .has_bytes_received = true,
			   .has_retransmits = true,
			   .has_srtt = true,
			   .srtt_us = 30 },
		.state = TCPT_STATE_CLOSE_WAIT,
		.now = 99,
		.has_queues = true,
		.receive_queue = 7,
		.send_queue = 8,
	};

	return connection;
}

static void check(const struct tcpt_connection *connection, enum tcpt_format format,
		  const char *expected)
{
	char line[TCPT_LINE_MAX + 1];

	line[tcpt_connection_format(connection, format, line)] = '\0';
	CHECK_STR(line, expected);
}

static void connections(void)
{
	struct tcpt_connection connection = some();

	check(&connection, TCPT_FORMAT_JSON,
	      "{\"ts\":99,\"type\":\"open\",\"id\":5,\"role\":\"client\",\"state\":\"close-wait\","
	      "\"pid\":10,\"tid\":11,\"uid\":0,\"comm\":\"a\\u0009b\",\"family\":4,"
	      "\"saddr\":\"127.0.0.1\",\"sport\":1000,\"daddr\":\"10.0.0.2\",\"dport\":80,"
	      "\"netns\":4,\"cookie\":6,\"age_ns\":100,\"bytes_sent\":1,\"bytes_received\":0,"
	      "\"srtt_us\":30,\"retransmits\":0,\"receive_queue\":7,\"send_queue\":8}\n");
	check(&connection, TCPT_FORMAT_TSV,
	      "99\t5\tclient\tclose-wait\t10\t11\t0\ta\\x09b\t4\t127.0.0.1\t1000\t10.0.0."
	      "2\t80\t4\t-"
	      "\t6\t100\t1\t0\t30\t0\t7\t8\t-\n");
	check(&connection, TCPT_FORMAT_TEXT, "");
	check(NULL, TCPT_FORMAT_JSON, "");
}

/* Nothing but the trace knows a connection of a namespace that cannot be entered. */
static void little_is_known(void)
{
	struct tcpt_connection connection = { .event = { .id = 5 }, .now = 9 };

	check(&connection, TCPT_FORMAT_JSON, "{\"ts\":9,\"type\":\"open\",\"id\":5}\n");
	check(&connection, TCPT_FORMAT_TSV,
	      "9\t5\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n");
}

static void listeners(void)
{
	struct tcpt_connection connection = some();

	connection.state = TCPT_STATE_LISTEN;
	connection.event.id = 0;
	connection.event.role = TCPT_ROLE_UNKNOWN;
	connection.event.has_duration = false;
	check(&connection, TCPT_FORMAT_JSON,
	      "{\"ts\":99,\"type\":\"listen\",\"state\":\"listen\",\"pid\":10,\"tid\":11,\"uid\":0,"
	      "\"comm\":\"a\\u0009b\",\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":1000,"
	      "\"netns\":4,"
	      "\"cookie\":6,\"waiting\":7,\"backlog\":8}\n");
	check(&connection, TCPT_FORMAT_TSV,
	      "99\t-\t-\tlisten\t10\t11\t0\ta\\x09b\t4\t127.0.0.1\t1000\t-\t-\t4\t-\t6\t-\t-\t-\t-"
	      "\t-\t"
	      "7\t8\t-\n");
}

static void headings(void)
{
	char line[TCPT_LINE_MAX];

	CHECK(tcpt_connection_heading(TCPT_FORMAT_TSV, line) > 100);
	CHECK(!memcmp(line, "ts\tid\t", 6));
	CHECK_INT(tcpt_connection_heading(TCPT_FORMAT_JSON, line), 0);
	CHECK_INT(tcpt_connection_heading(TCPT_FORMAT_TSV, NULL), 0);
}

/* A file's name may be as long as a resolver finds it, and need escapes. */
static void longest(void)
{
	static char exe[256];
	const struct tcpt_who who = { .exe = exe };
	struct tcpt_connection connection = some();
	char line[TCPT_LINE_MAX];

	memset(exe, 1, sizeof(exe) - 1);
	memset(connection.event.comm, 1, sizeof(connection.event.comm) - 1);
	connection.event.who = &who;
	CHECK(tcpt_connection_format(&connection, TCPT_FORMAT_TSV, line) < sizeof(line));
	CHECK(tcpt_connection_format(&connection, TCPT_FORMAT_JSON, line) < sizeof(line));
}

static void states(void)
{
	CHECK_STR(tcpt_state_name(TCPT_STATE_QUEUED), "queued");
	CHECK_STR(tcpt_state_name(TCPT_STATE_FIN_WAIT1), "fin-wait-1");
	CHECK(!tcpt_state_name(TCPT_STATE_UNKNOWN));
	CHECK(!tcpt_state_name((enum tcpt_state)99));
}

int main(void)
{
	static const struct test tests[] = { TEST(connections), TEST(little_is_known),
					     TEST(listeners),	TEST(headings),
					     TEST(longest),	TEST(states) };

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
