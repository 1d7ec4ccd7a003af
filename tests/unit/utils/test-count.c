// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables of counts: exact, in a stable order, of limited size, and no name breaks them. */
#include <errno.h>
#include <stdlib.h>

#include "../json.h"
#include "../read/events.h"
#include "../test.h"
#include "count.h"

static struct count counting(const char *list, enum tcpt_format format)
{
	struct count count = { .format = format, .has_heading = true, .most = 100 };
	char name[32];

	CHECK_INT(count_set(&count, list, name), 0);
	return count;
}

static void add(struct count *count, const char *comm, uint16_t dport, unsigned int times)
{
	struct tcpt_event event = ipv4_event(TCPT_EVENT_CONNECT);

	strcpy(event.comm, comm);
	event.dport = dport;
	while (times--)
		count_add(count, &event);
}

static void lose(struct count *count, enum tcpt_where where, uint64_t lost)
{
	const struct tcpt_event event = { .type = TCPT_EVENT_LOST, .where = where, .count = lost };

	count_add(count, &event);
}

static void overwrite(struct count *count, uint64_t overwritten)
{
	const struct tcpt_event event = { .type = TCPT_EVENT_OVERWRITTEN, .count = overwritten };

	count_add(count, &event);
}

static void check_table(struct count *count, const char *expected)
{
	char *table = count_table(count);

	CHECK(table);
	CHECK_STR(table, expected);
	free(table);
}

/* Frees what is left of the rows that were. */
static void end(struct count *count)
{
	free(count_table(count));
	free(count->rows);
}

static void names(void)
{
	struct count count = {};
	char name[32];

	CHECK_INT(count_set(&count, "comm,daddr,dport", name), 0);
	CHECK_INT(count.n, 3);
	CHECK_INT(count_set(&count, "comm,port", name), -EINVAL);
	CHECK_STR(name, "port");
	CHECK_INT(count_set(&count, "comm,time", name), -EINVAL);
	CHECK_INT(count_set(&count, "", name), -EINVAL);
	CHECK_INT(count_set(&count, "comm,", name), -EINVAL);
	CHECK_INT(count_set(&count, "comm,pid,comm", name), -EEXIST);
	CHECK_STR(name, "comm");
	CHECK_INT(count_set(&count, "type,role,pid,tid,uid,comm,netns,cpu", name), 0);
	CHECK_INT(count_set(&count, "type,role,pid,tid,uid,comm,netns,cpu,seq", name), -E2BIG);
}

/* The most frequent first; of the same count in the order of values, however they came. */
static void order(void)
{
	struct count count = counting("comm,dport", TCPT_FORMAT_TEXT);

	add(&count, "wget", 80, 3);
	add(&count, "curl", 443, 12);
	add(&count, "curl", 80, 3);
	add(&count, "wget", 80, 2);
	add(&count, "a", 0, 3);
	check_table(&count, "COUNT COMM DPORT\n"
			    "   12 curl 443\n"
			    "    5 wget 80\n"
			    "    3 a    -\n"
			    "    3 curl 80\n");
	check_table(&count, "COUNT COMM DPORT\n");
	count.has_heading = false;
	add(&count, "curl", 80, 1);
	check_table(&count, "1 curl 80\n");
	end(&count);
}

static void formats(void)
{
	struct count tsv = counting("dport,comm", TCPT_FORMAT_TSV);
	struct count json = counting("dport,comm", TCPT_FORMAT_JSON);

	for (int i = 0; i < 2; i++) {
		struct count *count = i ? &json : &tsv;

		add(count, "tmux: server", 80, 2);
		add(count, "x", 0, 1);
		lose(count, TCPT_WHERE_RING, 7);
		lose(count, TCPT_WHERE_RING, 1);
		lose(count, TCPT_WHERE_CONNS, 3);
		overwrite(count, 5);
		overwrite(count, 6);
	}
	check_table(&tsv, "2\t80\ttmux:\\x20server\n"
			  "1\t-\tx\n"
			  "#lost\t8\tring\n"
			  "#lost\t3\tconns\n"
			  "#overwritten\t11\n");
	check_table(&json, "{\"dport\":80,\"comm\":\"tmux: server\",\"count\":2}\n"
			   "{\"comm\":\"x\",\"count\":1}\n"
			   "{\"lost\":8,\"where\":\"ring\"}\n"
			   "{\"lost\":3,\"where\":\"conns\"}\n"
			   "{\"overwritten\":11}\n");
	end(&tsv);
	end(&json);
}

/* Rows are limited. What has a row goes on being counted, and nothing is left out. */
static void others(void)
{
	struct count count = counting("dport", TCPT_FORMAT_TEXT);

	count.most = 2;
	for (int i = 0; i < 3; i++)
		for (int port = 1; port <= 5; port++)
			add(&count, "curl", port, 1);
	lose(&count, TCPT_WHERE_PENDING, 4);
	overwrite(&count, 5);
	check_table(&count, "COUNT DPORT\n"
			    "    3 1\n"
			    "    3 2\n"
			    "-- 9 other events: there is room for 2 rows --\n"
			    "-- 4 failed connects not reported --\n"
			    "-- 5 events overwritten before they were read --\n");
	count.format = TCPT_FORMAT_TSV;
	for (int port = 7; port <= 9; port++)
		add(&count, "curl", port, 1);
	check_table(&count, "1\t7\n1\t8\n#other\t1\n");
	count.format = TCPT_FORMAT_JSON;
	for (int port = 7; port <= 9; port++)
		add(&count, "curl", port, 1);
	check_table(&count,
		    "{\"dport\":7,\"count\":1}\n{\"dport\":8,\"count\":1}\n{\"other\":1}\n");
	end(&count);
}

/* One table for each interval. */
static void intervals(void)
{
	struct count count = counting("comm", TCPT_FORMAT_TEXT);

	count.repeats = true;
	add(&count, "a", 1, 1);
	check_table(&count, "COUNT COMM\n    1 a\n");
	add(&count, "b", 1, 1);
	check_table(&count, "\nCOUNT COMM\n    1 b\n");
	count.format = TCPT_FORMAT_JSON;
	add(&count, "c", 1, 1);
	check_table(&count, "{\"interval\":3,\"comm\":\"c\",\"count\":1}\n");
	count.format = TCPT_FORMAT_TSV;
	add(&count, "d", 1, 1);
	check_table(&count, "\n1\td\n");
	end(&count);
}

/* A process can choose any name. Wide characters take two columns. */
static void hostile(void)
{
	struct count text = counting("comm,pid", TCPT_FORMAT_TEXT);
	struct count json = counting("comm,pid", TCPT_FORMAT_JSON);
	char *table;

	add(&text, "\xe6\x96\x87\xe5\xad\x97", 1, 2);
	add(&text, "a\tb\n\x1b\xff\"", 1, 1);
	check_table(&text, "COUNT COMM                PID\n"
			   "    2 \xe6\x96\x87\xe5\xad\x97                23202\n"
			   "    1 a\\x09b\\x0a\\x1b\\xff\" 23202\n");
	add(&json, "a\tb\n\x1b\xff\"\\{", 1, 1);
	table = count_table(&json);
	CHECK(json_is_object(table, strlen(table) - 1));
	free(table);
	end(&text);
	end(&json);
}

/* The longest values of all: each line has room in the output's buffer. */
static void longest(void)
{
	struct tcpt_event event = ipv6_event(TCPT_EVENT_CLOSE);
	static const enum tcpt_format forms[] = { TCPT_FORMAT_TEXT, TCPT_FORMAT_JSON,
						  TCPT_FORMAT_TSV };

	memset(event.comm, 1, 16);
	memset(event.saddr, 0xfe, 16);
	memset(event.daddr, 0xfe, 16);
	event.cookie = event.cgroup = event.id = UINT64_MAX;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct count count =
			counting("comm,local,remote,saddr,daddr,cookie,cgroup,id", forms[i]);
		char *table;

		count_add(&count, &event);
		table = count_table(&count);
		for (char *line = table, *next; *line; line = next) {
			next = strchr(line, '\n') + 1;
			CHECK(next - line <= TCPT_LINE_MAX);
		}
		free(table);
		end(&count);
	}
}

/* What is too wide for the terminal is cut, but for numbers; ends keep their ports. */
static void fits(void)
{
	struct tcpt_event event = ipv6_event(TCPT_EVENT_CLOSE);
	struct count count = counting("daddr,cookie,remote,dport", TCPT_FORMAT_TEXT);

	memset(event.daddr, 0xfe, 16);
	event.cookie = UINT64_MAX;
	event.dport = 65535;
	count.columns = 80;
	count_add(&count, &event);
	check_table(&count,
		    "COUNT DADDR                   COOKIE               REMOTE               "
		    "   DPORT\n"
		    "    1 fefe:fefe:fefe:fefe:fe~ 18446744073709551615 "
		    "[fefe:fefe:~fefe]:65535 65535\n");
	count.columns = 20; /* no narrower than can be read */
	count_add(&count, &event);
	check_table(&count, "COUNT DADDR        COOKIE               REMOTE       DPORT\n"
			    "    1 fefe:fefe:f~ 18446744073709551615 [fefe~:65535 65535\n");
	count.columns = 0;
	count_add(&count, &event);
	check_table(&count,
		    "COUNT DADDR                                   COOKIE               REMOTE"
		    "                                          DPORT\n"
		    "    1 fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe 18446744073709551615 "
		    "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535 65535\n");
	end(&count);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

static size_t most = SIZE_MAX; /* that a reallocation may have */

void *__libc_realloc(void *old, size_t size);

void *realloc(void *old, size_t size)
{
	if (size <= most)
		return __libc_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}

/* The table is whole or not there, and then the next one has its counts. */
static void shortage(void)
{
	struct count count = counting("dport", TCPT_FORMAT_TSV);
	unsigned int lines = 0;
	char *table;

	for (int port = 1; port <= 100; port++)
		add(&count, "curl", port, 1000);
	for (most = 64; most < 16384; most *= 2) {
		errno = 0;
		table = count_table(&count);
		if (table)
			break;
		CHECK_INT(errno, ENOMEM);
	}
	CHECK(most > 512);
	most = SIZE_MAX;
	for (char *c = table; *c; c++)
		lines += *c == '\n';
	CHECK_INT(lines, 100);
	free(table);
	end(&count);
}

#else
static void shortage(void)
{
}
#endif

int main(void)
{
	static const struct test tests[] = {
		TEST(names),   TEST(order),   TEST(formats), TEST(others),   TEST(intervals),
		TEST(hostile), TEST(longest), TEST(fits),    TEST(shortage),
	};

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
