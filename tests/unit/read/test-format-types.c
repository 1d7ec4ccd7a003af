// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each type of event as a line of each format. */
#include <errno.h>

#include "../test.h"
#include "events.h"
#include "internal.h"

static const char *line_of(const struct tcpt_event *event, enum tcpt_format format)
{
	static char line[TCPT_LINE_MAX + 1];
	size_t length;

	memset(line, '@', sizeof(line));
	length = tcpt_event_format(event, format, line);
	CHECK(length <= TCPT_LINE_MAX);
	CHECK(line[TCPT_LINE_MAX] == '@');
	line[length <= TCPT_LINE_MAX ? length : 0] = '\0';
	return line;
}

static void check_lines(const struct tcpt_event *event, const char *text, const char *json,
			const char *tsv, const char *tcptracer)
{
	CHECK_STR(line_of(event, TCPT_FORMAT_TEXT), text);
	CHECK_STR(line_of(event, TCPT_FORMAT_JSON), json);
	CHECK_STR(line_of(event, TCPT_FORMAT_TSV), tsv);
	CHECK_STR(line_of(event, TCPT_FORMAT_TCPTRACER), tcptracer);
}

static void connect_ipv4(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	check_lines(
		&event,
		"3059.282041      connect   23202   curl            127.0.0.1:33428        "
		"10.200.30.4:80         4026531840\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"connect\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":33428,\"daddr\":\"10.200.30.4\","
		"\"dport\":80,\"netns\":4026531840}\n",
		"3059282041999\t1\t7\t12\tconnect\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"33428\t10.200.30.4\t80\t4026531840\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-"
		"\n",
		"3059282041999 cpu#1 connect 23202 curl 127.0.0.1:33428 10.200.30.4:80 "
		"4026531840\n");
}

static void accept_ipv6_late(void)
{
	struct tcpt_event event = ipv6_event(TCPT_EVENT_ACCEPT);

	event.late = true;
	check_lines(
		&event,
		"3059.282041      accept    23202   curl            [::1]:33428            "
		"[fd12::abcd]:80        4026531840 late\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"accept\","
		"\"role\":\"server\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":6,\"saddr\":\"::1\",\"sport\":33428,\"daddr\":\"fd12::abcd\","
		"\"dport\":80,\"netns\":4026531840,\"late\":true}\n",
		"3059282041999\t1\t7\t12\taccept\tserver\t23202\t23203\t1000\tcurl\t6\t::1\t33428\t"
		"fd12::abcd\t80\t4026531840\t-\t-\t1\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
		"3059282041999 cpu#1 accept 23202 curl ::1:33428 fd12::abcd:80 4026531840\n");
}

static void close_with_duration_and_opener(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.has_duration = true;
	event.duration_ns = 1500000;
	event.opener_pid = 99;
	check_lines(
		&event,
		"3059.282041      close     23202   curl            127.0.0.1:33428        "
		"10.200.30.4:80         4026531840 1.5 ms opener 99\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"close\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":33428,\"daddr\":\"10.200.30.4\","
		"\"dport\":80,\"netns\":4026531840,\"duration_ns\":1500000,\"opener_pid\":99}\n",
		"3059282041999\t1\t7\t12\tclose\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"33428\t10.200.30.4\t80\t4026531840\t1500000\t99\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-"
		"\t-\t-\t-\n",
		"3059282041999 cpu#1 close 23202 curl 127.0.0.1:33428 10.200.30.4:80 "
		"4026531840\n");
}

static void close_of_an_older_connection(void)
{
	struct tcpt_event event = ipv6_event(TCPT_EVENT_CLOSE);

	event.role = TCPT_ROLE_UNKNOWN;
	event.pid = event.tid = event.uid = 0;
	event.netns = 0;
	event.comm[0] = '\0';
	check_lines(&event,
		    "3059.282041      close     -       -               [::1]:33428            "
		    "[fd12::abcd]:80        -\n",
		    "{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"close\","
		    "\"family\":6,\"saddr\":\"::1\",\"sport\":33428,\"daddr\":\"fd12::abcd\","
		    "\"dport\":80}\n",
		    "3059282041999\t1\t7\t12\tclose\t-\t-\t-\t-\t-\t6\t::1\t33428\tfd12::"
		    "abcd\t80\t-\t-\t-"
		    "\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
		    "3059282041999 cpu#1 close 0 - ::1:33428 fd12::abcd:80 0\n");
}

static void waits(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	event.has_wait = true;
	event.wait_ns = 1500999;
	check_lines(
		&event,
		"3059.282041      connect   23202   curl            127.0.0.1:33428        "
		"10.200.30.4:80         4026531840 latency 1.5 ms\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"connect\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":33428,\"daddr\":\"10.200.30.4\","
		"\"dport\":80,\"netns\":4026531840,\"latency_us\":1500}\n",
		"3059282041999\t1\t7\t12\tconnect\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"33428\t10.200.30.4\t80\t4026531840\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-"
		"\t1500999\t-\t-\n",
		"3059282041999 cpu#1 connect 23202 curl 127.0.0.1:33428 10.200.30.4:80 "
		"4026531840\n");
	event.type = TCPT_EVENT_ACCEPT;
	CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON), ",\"queue_us\":1500}"));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TEXT), " queue 1.5 ms\n"));
	event.type = TCPT_EVENT_FAIL;
	event.error = ETIMEDOUT;
	CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON),
		     ",\"errno\":\"ETIMEDOUT\",\"duration_us\":1500}"));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TEXT), " ETIMEDOUT after 1.5 ms\n"));
}

static void opener_that_closes_is_no_note(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.opener_pid = event.pid;
	CHECK_STR(line_of(&event, TCPT_FORMAT_TEXT),
		  "3059.282041      close     23202   curl            127.0.0.1:33428        "
		  "10.200.30.4:80         4026531840\n");
	event.has_duration = true;
	event.duration_ns = 12345;
	event.late = true;
	CHECK_STR(line_of(&event, TCPT_FORMAT_TEXT),
		  "3059.282041      close     23202   curl            127.0.0.1:33428        "
		  "10.200.30.4:80         4026531840 12 us late\n");
}

static void lost(void)
{
	struct tcpt_event event = {
		.type = TCPT_EVENT_LOST, .ts = 3059282041999, .cpu = 3, .count = 40, .total = 52
	};

	check_lines(&event, "-- 40 events lost on cpu 3, 52 in all: ring full --\n",
		    "{\"ts\":3059282041999,\"cpu\":3,\"type\":\"lost\",\"where\":\"ring\","
		    "\"count\":40,\"total\":52}\n",
		    "3059282041999\t3\t-\t-\tlost\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t40"
		    "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\tring\t52\n",
		    "");
	event.where = TCPT_WHERE_CONNS;
	CHECK_STR(line_of(&event, TCPT_FORMAT_TEXT),
		  "-- 40 connections not remembered on cpu 3, 52 in all: conns full --\n");
	CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON), ",\"where\":\"conns\","));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TSV), "\tconns\t52\n"));
	event.where = TCPT_WHERE_PENDING;
	CHECK_STR(line_of(&event, TCPT_FORMAT_TEXT),
		  "-- 40 failed connects not reported on cpu 3, 52 in all: pending full --\n");
	CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON), ",\"where\":\"pending\","));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TSV), "\tpending\t52\n"));
	CHECK(!tcpt_where_name(TCPT_WHERES));
	CHECK(!tcpt_where_name((enum tcpt_where) - 1));
}

/* It has no place, because nothing was full. */
static void overwritten(void)
{
	struct tcpt_event event = { .type = TCPT_EVENT_OVERWRITTEN,
				    .ts = 3059282041999,
				    .cpu = 3,
				    .count = 40,
				    .total = 52 };

	check_lines(&event, "-- 40 events overwritten on cpu 3, 52 in all --\n",
		    "{\"ts\":3059282041999,\"cpu\":3,\"type\":\"overwritten\","
		    "\"count\":40,\"total\":52}\n",
		    "3059282041999\t3\t-\t-\toverwritten\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-"
		    "\t-\t-\t40\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t52\n",
		    "");
}

static void fail(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_FAIL);

	event.error = ECONNREFUSED;
	check_lines(
		&event,
		"3059.282041      fail      23202   curl            127.0.0.1:33428        "
		"10.200.30.4:80         4026531840 ECONNREFUSED\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"fail\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":33428,\"daddr\":\"10.200.30.4\","
		"\"dport\":80,\"netns\":4026531840,\"errno\":\"ECONNREFUSED\"}\n",
		"3059282041999\t1\t7\t12\tfail\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"33428\t10.200.30.4\t80\t4026531840\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\t"
		"ECONNREFUSED\t-\t-\t-\t-\n",
		"");
}

/* Neither the error nor the local port is known. */
static void fail_of_which_little_is_known(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_FAIL);

	event.sport = 0;
	check_lines(
		&event,
		"3059.282041      fail      23202   curl            127.0.0.1:0            "
		"10.200.30.4:80         4026531840\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"fail\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":4,\"saddr\":\"127.0.0.1\",\"daddr\":\"10.200.30.4\","
		"\"dport\":80,\"netns\":4026531840}\n",
		"3059282041999\t1\t7\t12\tfail\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"-\t10.200.30.4\t80\t4026531840\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
		"");
}

static void errno_names(void)
{
	static const struct {
		int error;
		const char *note;
	} cases[] = {
		{ ETIMEDOUT, " ETIMEDOUT\n" },
		{ EHOSTUNREACH, " EHOSTUNREACH\n" },
		{ ECANCELED, " ECANCELED\n" },
		{ 4095, " 4095\n" },
	};
	struct tcpt_event event = ipv4_event(TCPT_EVENT_FAIL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		event.error = cases[i].error;
		CHECK_STR(strstr(line_of(&event, TCPT_FORMAT_TEXT), "4026531840") + 10,
			  cases[i].note);
	}
}

static void close_with_everything(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.has_duration = event.has_bytes_sent = event.has_bytes_received = true;
	event.has_srtt = event.has_retransmits = event.late = true;
	event.duration_ns = 1500000;
	event.opener_pid = 99;
	event.cgroup = 4711;
	event.cookie = 17;
	event.netns_cookie = 3;
	event.bytes_sent = 100;
	event.bytes_received = 5000000000;
	event.srtt_us = 45;
	event.retransmits = 2;
	event.reason = TCPT_REASON_RESET;
	check_lines(
		&event,
		"3059.282041      close     23202   curl            127.0.0.1:33428        "
		"10.200.30.4:80         4026531840 1.5 ms reset sent 100 received 5000000000 "
		"rtt 45 us retransmits 2 opener 99 late\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"close\","
		"\"role\":\"client\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"cgroup\":4711,\"family\":4,\"saddr\":\"127.0.0.1\",\"sport\":33428,"
		"\"daddr\":\"10.200.30.4\",\"dport\":80,\"netns\":4026531840,"
		"\"netns_cookie\":3,\"cookie\":17,"
		"\"duration_ns\":1500000,\"bytes_sent\":100,\"bytes_received\":5000000000,"
		"\"srtt_us\":45,\"retransmits\":2,\"reason\":\"reset\",\"opener_pid\":99,"
		"\"late\":true}\n",
		"3059282041999\t1\t7\t12\tclose\tclient\t23202\t23203\t1000\tcurl\t4\t127.0.0.1\t"
		"33428\t10.200.30.4\t80\t4026531840\t1500000\t99\t1\t-\t4711\t17\t100\t"
		"5000000000\t45\t2\treset\t-\t-\t-\t-\t-\n",
		"3059282041999 cpu#1 close 23202 curl 127.0.0.1:33428 10.200.30.4:80 "
		"4026531840\n");
}

/* A number that is known to be 0 is not unknown. */
static void close_of_an_idle_connection(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.has_bytes_sent = event.has_bytes_received = true;
	event.has_srtt = event.has_retransmits = true;
	event.reason = TCPT_REASON_PEER;
	CHECK_STR(strstr(line_of(&event, TCPT_FORMAT_TEXT), "4026531840") + 10,
		  " peer sent 0 received 0\n");
	CHECK(strstr(line_of(&event, TCPT_FORMAT_JSON),
		     ",\"bytes_sent\":0,\"bytes_received\":0,\"srtt_us\":0,\"retransmits\":0,"
		     "\"reason\":\"peer\"}\n"));
	CHECK(strstr(line_of(&event, TCPT_FORMAT_TSV), "\t0\t0\t0\t0\tpeer\t-\t-\t-\t-\t-\n"));
}

static void fdinstall(void)
{
	struct tcpt_event event = {
		.type = TCPT_EVENT_FDINSTALL,
		.cpu = 1,
		.seq = 7,
		.ts = 3059282041999,
		.pid = 23202,
		.tid = 23203,
		.uid = 1000,
		.comm = "curl",
		.fd = 0,
	};

	check_lines(
		&event,
		"3059.282041      fdinstall 23202   curl            -                      "
		"-                      -          fd 0\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"type\":\"fdinstall\",\"pid\":23202,"
		"\"tid\":23203,\"uid\":1000,\"comm\":\"curl\",\"fd\":0}\n",
		"3059282041999\t1\t7\t-\tfdinstall\t-\t23202\t23203\t1000\tcurl\t-\t-\t-\t-\t-\t-"
		"\t-\t-\t0\t-\t-\t-\t-\t-\t-\t-\t-\t-\t0\t-\t-\t-\n",
		"3059282041999 cpu#1 fdinstall 23202 curl 0\n");
}

static void existing(void)
{
	struct tcpt_event event = ipv6_event(TCPT_EVENT_EXISTING);

	event.cookie = 9;
	check_lines(
		&event,
		"3059.282041      existing  23202   curl            [::1]:33428            "
		"[fd12::abcd]:80        4026531840\n",
		"{\"ts\":3059282041999,\"cpu\":1,\"seq\":7,\"id\":12,\"type\":\"existing\","
		"\"role\":\"server\",\"pid\":23202,\"tid\":23203,\"uid\":1000,\"comm\":\"curl\","
		"\"family\":6,\"saddr\":\"::1\",\"sport\":33428,\"daddr\":\"fd12::abcd\","
		"\"dport\":80,\"netns\":4026531840,\"cookie\":9}\n",
		"3059282041999\t1\t7\t12\texisting\tserver\t23202\t23203\t1000\tcurl\t6\t::"
		"1\t33428\t"
		"fd12::abcd\t80\t4026531840\t-\t-\t0\t-\t-\t9\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
		"");
}

int main(void)
{
	static const struct test tests[] = {
		TEST(connect_ipv4),
		TEST(accept_ipv6_late),
		TEST(close_with_duration_and_opener),
		TEST(close_of_an_older_connection),
		TEST(waits),
		TEST(opener_that_closes_is_no_note),
		TEST(lost),
		TEST(overwritten),
		TEST(fail),
		TEST(fail_of_which_little_is_known),
		TEST(errno_names),
		TEST(close_with_everything),
		TEST(close_of_an_idle_connection),
		TEST(fdinstall),
		TEST(existing),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
