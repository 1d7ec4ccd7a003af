// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The counts of a trace, in each form. No name can break out of a form. */
#include <errno.h>
#include <stdlib.h>

#include "../json.h"
#include "../test.h"
#include "internal.h"
#include "offsets/offsets.h"
#include "read/stat.h"

static const char hostile[] = "a\"b\\c\nd\x1b\xff{}";

static struct tcpt_counts counts[] = {
	{ .cpu = 0,
	  .events = 100,
	  .lost = 7,
	  .late = 3,
	  .conns_full = 2,
	  .pending_full = 1,
	  .fails_lost = 4 },
	{ .cpu = 1 },
	{ .cpu = 2, .events = UINT64_MAX },
};

static struct tcpt_stat some_stat(void)
{
	struct tcpt_stat stat = {
		.trace = { .pin = "/sys/fs/bpf/tcpt",
			   .version = "0.1.0",
			   .abi = 2,
			   .attach = TCPT_ATTACH_KPROBE,
			   .loaded = 1000000000,
			   .now = 1000000000 + (90061ULL * 1000 + 250) * 1000000,
			   .keeper_comm = "",
			   .reader_comm = "",
			   .ring_bytes = 8192,
			   .tap = 1,
			   .taps = 2,
			   .ring_used = 144,
			   .source = "hand" },
		.offsets = tcpt_offsets_new(),
		.sum = counts[0],
		.of = counts,
		.cpus = ARRAY_SIZE(counts),
		.missed = { { .program = "kp_close", .has_runs = true, .runs = 5 },
			    { .program = "rt_state", .has_calls = true, .calls = 6 } },
		.programs = 2,
	};

	strcpy(stat.offsets->kernel.release, "6.1");
	strcpy(stat.offsets->kernel.machine, "x86_64");
	strcpy(stat.offsets->kernel.build_id, "e1b6");
	tcpt_offsets_set(stat.offsets, "sock_common.skc_dport", 12);
	tcpt_offsets_set(stat.offsets, "net.ns.inum", TCPT_ABSENT);
	stat.trace.kernel_release = stat.offsets->kernel.release;
	stat.trace.kernel_machine = stat.offsets->kernel.machine;
	stat.trace.build_id = stat.offsets->kernel.build_id;
	return stat;
}

static char *form(const struct tcpt_stat *stat, enum tcpt_stat_format format)
{
	char *text = tcpt_stat_format(stat, format);

	CHECK(text);
	if (!text)
		abort();
	return text;
}

/* A processor on which nothing was counted is not shown. */
static void text(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown = form(&stat, TCPT_STAT_TEXT);

	CHECK_STR(shown,
		  "trace    /sys/fs/bpf/tcpt\n"
		  "version  0.1.0, ABI 2\n"
		  "loaded   1 d 1 h 1 min 1 s ago, by kprobe\n"
		  "links    pinned\n"
		  "reader   none\n"
		  "ring     144 of 8192 bytes wait to be read, tap 1 of 2\n"
		  "offsets  hand, for Linux 6.1 x86_64, build id e1b6\n"
		  "\n"
		  "CPU          EVENTS       LOST       LATE   CONNS FULL PENDING FULL FAILS LOST\n"
		  "all             100          7          3            2            1          4\n"
		  "0               100          7          3            2            1          4\n"
		  "2    18446744073709551615          0          0            0            0       "
		  "   0\n"
		  "\n"
		  "MISSED BY                RUNS        CALLS\n"
		  "kp_close                    5            -\n"
		  "rt_state                    -            6\n"
		  "\n"
		  "FIELD                          OFFSET\n"
		  "sock_common.skc_dport              12\n"
		  "net.ns.inum                    absent\n");
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

static void json(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown;

	stat.trace.reader = 77;
	stat.trace.reader_comm = "tcpt-watch";
	stat.trace.keeper = 78; /* the keeper is gone */
	shown = form(&stat, TCPT_STAT_JSON);
	CHECK_STR(
		shown,
		"{\"pin\":\"/sys/fs/bpf/"
		"tcpt\",\"version\":\"0.1.0\",\"abi\":2,\"attach\":\"kprobe\","
		"\"loaded\":1000000000,\"uptime_ns\":90061250000000,\"keeper\":{\"pid\":78},"
		"\"reader\":{\"pid\":77,\"comm\":\"tcpt-watch\"},\"tap\":1,\"taps\":2,\"ring_"
		"bytes\":8192,"
		"\"ring_used_bytes\":144,"
		"\"sum\":{\"events\":100,\"lost\":7,\"late\":3,\"conns_full\":2,\"pending_full\":1,"
		"\"fails_lost\":4},"
		"\"cpus\":[{\"cpu\":0,\"events\":100,\"lost\":7,\"late\":3,\"conns_full\":2,"
		"\"pending_full\":1,\"fails_lost\":4},{\"cpu\":1,\"events\":0,\"lost\":0,\"late\":"
		"0,\"conns_full\":0,"
		"\"pending_full\":0,\"fails_lost\":0},{\"cpu\":2,\"events\":18446744073709551615,"
		"\"lost\":0,"
		"\"late\":0,\"conns_full\":0,\"pending_full\":0,\"fails_lost\":0}],"
		"\"missed\":[{\"program\":\"kp_close\",\"runs\":5},{\"program\":\"rt_state\","
		"\"calls\":6}],"
		"\"document\":{\"kernel\":{\"release\":\"6.1\",\"machine\":\"x86_64\","
		"\"build_id\":\"e1b6\"},\"source\":\"hand\",\"offsets\":{"
		"\"sock_common.skc_dport\":12,\"net.ns.inum\":null}}}\n");
	CHECK(json_is_object(shown, strlen(shown) - 1));
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

static void prometheus(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown = form(&stat, TCPT_STAT_PROMETHEUS);

	CHECK(strstr(shown, "tcpt_trace_info{version=\"0.1.0\",abi=\"2\",attach=\"kprobe\","
			    "source=\"hand\",release=\"6.1\",build_id=\"e1b6\"} 1\n"));
	CHECK(strstr(shown, "\ntcpt_uptime_seconds 90061.250\n"));
	CHECK(strstr(shown, "\ntcpt_readers 0\n"));
	CHECK(strstr(shown, "# TYPE tcpt_events_total counter\n"
			    "tcpt_events_total{cpu=\"0\"} 100\n"
			    "tcpt_events_total{cpu=\"1\"} 0\n"
			    "tcpt_events_total{cpu=\"2\"} 18446744073709551615\n"
			    "# HELP tcpt_events_lost_total "));
	CHECK(strstr(shown, "\ntcpt_events_lost_total{cpu=\"0\"} 7\n"));
	CHECK(strstr(shown, "\ntcpt_events_late_total{cpu=\"0\"} 3\n"));
	CHECK(strstr(shown, "\ntcpt_conns_full_total{cpu=\"0\"} 2\n"));
	CHECK(strstr(shown, "\ntcpt_pending_full_total{cpu=\"0\"} 1\n"));
	CHECK(strstr(shown, "\ntcpt_fails_lost_total{cpu=\"0\"} 4\n"));
	CHECK(strstr(shown, "\ntcpt_program_runs_missed_total{program=\"kp_close\"} 5\n#"));
	CHECK(strstr(shown, "\ntcpt_program_calls_missed_total{program=\"rt_state\"} 6\n"));
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

/* A process can choose any name, and a document can be made by hand. */
static void hostile_names(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown;

	stat.trace.reader = 77;
	stat.trace.reader_comm = stat.trace.kernel_release = stat.trace.pin = hostile;
	shown = form(&stat, TCPT_STAT_TEXT);
	CHECK(strstr(shown, "\nreader   a\"b\\\\c\\x0ad\\x1b\\xff{} (pid 77)\n"));
	CHECK(!strpbrk(shown, "\x1b\xff"));
	free(shown);
	shown = form(&stat, TCPT_STAT_JSON);
	CHECK(json_is_object(shown, strlen(shown) - 1));
	free(shown);
	shown = form(&stat, TCPT_STAT_PROMETHEUS);
	CHECK(strstr(shown, ",release=\"a\\\"b\\\\\\\\c\\\\x0ad\\\\x1b\\\\xff{}\","));
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

static void no_such_format(void)
{
	struct tcpt_stat stat = some_stat();

	errno = 0;
	CHECK(!tcpt_stat_format(&stat, (enum tcpt_stat_format)9));
	CHECK_INT(errno, EINVAL);
	tcpt_offsets_free(stat.offsets);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(text), TEST(json), TEST(prometheus), TEST(hostile_names), TEST(no_such_format),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
