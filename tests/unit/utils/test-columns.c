// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as columns: at 80, 120 and 200 columns nothing is wider than the terminal. */
#include "../read/events.h"
#include "../test.h"
#include "columns.h"
#include "width.h"

#define EVENTS "time,type,pid,comm,local,remote,note"
#define SUMMARY "time,comm,local,remote,duration,sent,received,reason"

static char line[TCPT_LINE_MAX + 1];

static const char *heading(const char *list, unsigned int width)
{
	struct columns columns = {};
	char name[32];

	CHECK_INT(columns_set(&columns, list, name), 0);
	columns_fit(&columns, width);
	line[columns_heading(&columns, line)] = '\0';
	return line;
}

static const char *format(const char *list, unsigned int width, const struct tcpt_event *event)
{
	struct columns columns = {};
	char name[32];

	CHECK_INT(columns_set(&columns, list, name), 0);
	columns_fit(&columns, width);
	line[columns_format(&columns, event, NULL, line)] = '\0';
	return line;
}

static struct tcpt_event close_event(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CLOSE);

	event.has_duration = event.has_bytes_sent = event.has_bytes_received = true;
	event.has_srtt = event.has_retransmits = true;
	event.duration_ns = 14500000;
	event.bytes_sent = 812;
	event.bytes_received = 34567;
	event.srtt_us = 210;
	event.retransmits = 3;
	event.reason = TCPT_REASON_RESET;
	event.opener_pid = 17;
	event.late = true;
	return event;
}

static struct tcpt_event long_event(enum tcpt_event_type type)
{
	struct tcpt_event event = close_event();

	event.type = type;
	event.role = TCPT_ROLE_SERVER;
	event.pid = event.tid = event.opener_pid = 4194304;
	event.opener_pid--;
	event.ts = 9999999123456789;
	event.family = 6;
	event.duration_ns = 86400ULL * 100000 * 1000000000;
	event.bytes_sent = event.bytes_received = UINT64_MAX;
	event.retransmits = event.srtt_us = UINT32_MAX;
	event.sport = event.dport = 65535;
	memset(event.saddr, 0x2a, 16);
	memset(event.daddr, 0xfd, 16);
	strcpy(event.comm, "コマンド名");
	return event;
}

static void test_80(void)
{
	struct tcpt_event event = close_event();

	CHECK_STR(heading(EVENTS, 80),
		  "TIME         TYPE         PID COMM     LOCAL     REMOTE             NOTE\n");
	CHECK_STR(format(EVENTS, 80, &event), "3059.282041  close      23202 curl     :33428 -> "
					      "10.200.30.4:80     14.5ms reset\n");
	event = ipv6_event(TCPT_EVENT_ACCEPT);
	strcpy(event.comm, "systemd-resolve");
	CHECK_STR(format(EVENTS, 80, &event),
		  "3059.282041  accept     23202 systemd~ :33428 <- [fd12::abcd]:80\n");
	event = ipv4_event(TCPT_EVENT_FAIL);
	event.error = 111;
	CHECK_STR(format(EVENTS, 80, &event), "3059.282041  fail       23202 curl     :33428 -> "
					      "10.200.30.4:80     ECONNREFUSED\n");
}

/* A type is whole. Behind it the columns stand where they do in other lines, if there is room. */
static void test_whole_types(void)
{
	struct tcpt_event event = { .type = TCPT_EVENT_FDINSTALL, .pid = 23202, .fd = 7 };

	event.ts = 3059282041999;
	strcpy(event.comm, "curl");
	CHECK_STR(format(EVENTS, 80, &event),
		  "3059.282041  fdinstall  23202 curl     -      -                     fd 7\n");
	event.pid = 4194304;
	CHECK_STR(format(EVENTS, 80, &event),
		  "3059.282041  fdinstall 4194304 curl    -      -                     fd 7\n");
	strcpy(event.comm, "a-longer-name");
	CHECK_STR(format(EVENTS, 80, &event),
		  "3059.282041  fdinstall 4194304 a-longe~ -     -                     fd 7\n");
}

static void test_120(void)
{
	struct tcpt_event event = close_event();

	CHECK_STR(heading(EVENTS, 120),
		  "TIME            TYPE          PID COMM            LOCAL                 "
		  "   REMOTE                NOTE\n");
	CHECK_STR(format(EVENTS, 120, &event),
		  "3059.282041     close       23202 curl            127.0.0.1:33428       "
		  "-> 10.200.30.4:80        14.5ms reset sent 812\n");
}

static void test_200(void)
{
	struct tcpt_event event = close_event();

	CHECK(strstr(format(EVENTS, 200, &event), " 14.5ms reset sent 812 recv 34K rtt 210us"));
	event = long_event(TCPT_EVENT_ACCEPT);
	CHECK(strstr(format(EVENTS, 200, &event),
		     " コマンド名      [2a2a:2a2a:2a2a:2a2a:2a2a:2a2a:2a2a:2a2a]:65535 "
		     "<- [fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd]:65535 "));
}

static void test_summary(void)
{
	struct tcpt_event event = close_event();

	CHECK_STR(heading(SUMMARY, 80), "TIME         COMM     LOCAL     REMOTE                "
					"DURATION SENT RECV REASON\n");
	CHECK_STR(
		format(SUMMARY, 80, &event),
		"3059.282041  curl     :33428 -> 10.200.30.4:80          14.5ms  812  34K reset\n");
}

static void check_width(const char *list, unsigned int width, const struct tcpt_event *event)
{
	format(list, width, event);
	CHECK_INT(strcspn(line, "\n") + 1, strlen(line));
	line[strcspn(line, "\n")] = '\0';
	if (width_of(line) > width)
		FAIL("%u columns, not %u: %s", width_of(line), width, line);
}

/* Whatever the event is. */
static void test_fits(void)
{
	static const char *const names[] = { "",
					     "x",
					     "a b c d e f g h",
					     "\xff\xff\xff\xff\xff\xff\xff",
					     "日本語日本",
					     "e\u0301e\u0301e\u0301e\u0301",
					     "curl" };

	for (unsigned int width = 80; width <= 300; width++)
		for (int type = TCPT_EVENT_LOST; type < TCPT_EVENT_TYPES; type++)
			for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
				struct tcpt_event event = long_event(type);

				event.error = type == TCPT_EVENT_FAIL ? 93 : 0;
				strcpy(event.comm, names[i]);
				check_width(EVENTS, width, &event);
				event.type = type ? TCPT_EVENT_CLOSE : TCPT_EVENT_LOST;
				check_width(SUMMARY, width, &event);
			}
}

/* The columns behind a name stand where they stand behind any other. */
static void test_wide_names(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	const char *end;

	CHECK_STR(format("comm,dport", 20, &event), "curl              80\n");
	strcpy(event.comm, "日本語");
	CHECK_STR(format("comm,dport", 20, &event), "日本語            80\n");
	strcpy(event.comm, "日本語日本");
	CHECK_STR(format("comm,dport", 14, &event), "日本語~     80\n");
	strcpy(event.comm, "e\u0301e\u0301");
	CHECK_STR(format("comm,dport", 14, &event), "e\u0301e\u0301          80\n");
	strcpy(event.comm, "\033[31mred");
	end = strchr(format("comm,dport", 0, &event), '\033');
	CHECK(!end);
}

static void test_addresses(void)
{
	struct tcpt_event event = long_event(TCPT_EVENT_CONNECT);

	event.role = TCPT_ROLE_CLIENT;
	CHECK_STR(format("remote", 21, &event), "-> [fdfd:~fdfd]:65535\n");
	CHECK_STR(format("remote", 30, &event), "-> [fdfd:fdfd:fdfd~fdfd]:65535\n");
	CHECK_STR(format("local", 6, &event), ":65535\n");
	CHECK_STR(format("local", 8, &event), "[~:65535\n");
	event.family = 0;
	CHECK_STR(format("local,remote,type", 0, &event),
		  "-                                               "
		  "-                                                  connect\n");
}

static void test_units(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0\n" },
		{ 999, "999\n" },
		{ 1000, "1.0K\n" },
		{ 1024, "1.0K\n" },
		{ 10188, "9.9K\n" },
		{ 10200, "10K\n" },
		{ 1023487, "999K\n" },
		{ 1023999, "1.0M\n" },
		{ 1ULL << 40, "1.0T\n" },
		{ UINT64_MAX, "16E\n" },
	};
	static const struct {
		uint64_t ns;
		const char *text;
	} times[] = {
		{ 0, "0us\n" },
		{ 999499, "999us\n" },
		{ 999500, "1.0ms\n" },
		{ 999949999, "999.9ms\n" },
		{ 999950000, "1.0s\n" },
		{ 99900000000, "99.9s\n" },
		{ 100000000000, "1m40s\n" },
		{ 3599999999999, "59m59s\n" },
		{ 3600000000000, "1h0m\n" },
		{ 86400000000000, "1d0h\n" },
	};
	struct tcpt_event event = close_event();

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		event.bytes_sent = sizes[i].bytes;
		CHECK_STR(strrchr(format("sent", 0, &event), ' ') ? strrchr(line, ' ') + 1 : line,
			  sizes[i].text);
	}
	for (unsigned int i = 0; i < sizeof(times) / sizeof(*times); i++) {
		event.duration_ns = times[i].ns;
		CHECK_STR(strrchr(format("duration", 0, &event), ' ') ? strrchr(line, ' ') + 1 :
									line,
			  times[i].text);
	}
}

static void test_names(void)
{
	struct columns columns;
	char name[32];

	CHECK(columns_set(&columns, "time,pidd", name) < 0);
	CHECK_STR(name, "pidd");
	CHECK(columns_set(&columns, "", name) < 0);
	CHECK(columns_set(&columns, "time,", name) < 0);
	CHECK(columns_set(&columns, "a-name-that-is-longer-than-all-that-there-are", name) < 0);
	for (unsigned int i = 0; tcpt_value_name(i); i++) {
		CHECK_INT(tcpt_value_find(tcpt_value_name(i)), i);
		CHECK_INT(columns_set(&columns, tcpt_value_name(i), name), 0);
	}
	CHECK(tcpt_value_find("time") < 0);
	CHECK(tcpt_value_find(NULL) < 0);
}

/* A line of the library's has room for all columns that are given, or for the first ones. */
static void test_many_columns(void)
{
	struct tcpt_event event = long_event(TCPT_EVENT_CLOSE);
	char list[COLUMNS_MAX * 16] = "note", name[32];
	struct columns columns = {};

	for (int i = 0; i < COLUMNS_MAX - 1; i++)
		strcat(list, i % 2 ? ",note" : ",remote");
	CHECK_INT(columns_set(&columns, list, name), 0);
	for (unsigned int width = 0; width <= 1000; width += 500) {
		columns_fit(&columns, width);
		CHECK(columns_format(&columns, &event, NULL, line) <= TCPT_LINE_MAX);
		CHECK(columns_heading(&columns, line) <= TCPT_LINE_MAX);
	}
	strcat(list, ",note");
	CHECK(columns_set(&columns, list, name) < 0);
}

static void test_color(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	struct columns columns = { .color = true };
	char name[32];

	columns_set(&columns, "type,pid,errno", name);
	columns_fit(&columns, 0);
	line[columns_format(&columns, &event, NULL, line)] = '\0';
	CHECK_STR(line, "\033[32mconnect\033[m     23202 \033[31m-\033[m\n");
	line[columns_heading(&columns, line)] = '\0';
	CHECK_STR(line, "\033[1mTYPE\033[m          \033[1mPID\033[m \033[1mERRNO\033[m\n");
}

static void test_time(void)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);
	struct columns columns = {};
	char name[32];

	columns_set(&columns, "time,type", name);
	columns_fit(&columns, 21);
	line[columns_format(&columns, &event, "12:34:56.789012", line)] = '\0';
	CHECK_STR(line, "12:34:56.789 connect\n");
}

int main(void)
{
	static const struct test tests[] = {
		TEST(test_80),	       TEST(test_whole_types), TEST(test_120),
		TEST(test_200),	       TEST(test_summary),     TEST(test_fits),
		TEST(test_wide_names), TEST(test_addresses),   TEST(test_units),
		TEST(test_names),      TEST(test_color),       TEST(test_many_columns),
		TEST(test_time),
	};

	return run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
