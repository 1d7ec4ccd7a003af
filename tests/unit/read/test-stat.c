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

static struct tcpt_filter filters[1024];

/* test-stat-totals.c has the others. */
#define NO_TYPES                                                             \
	"\"connect\":0,\"accept\":0,\"close\":0,\"fail\":0,\"fdinstall\":0," \
	"\"existing\":0"

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
			   .store = TCPT_STORE_RING,
			   .ring_used = 144,
			   .source = "hand",
			   .has_open = true,
			   .open = 12,
			   .open_room = 65536,
			   .has_filters = true },
		.taps = { { 1, 0, "", 8192, 144, 7, 0 },
			  { 2, 78, "tcpt-watch", 8192, 1025, 0, 0 } },
		.filters = filters,
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

/* Checks that a text fits a terminal. */
static void check_fits(const char *text)
{
	unsigned int lines = 0;

	for (const char *end; (end = strchr(text, '\n')); text = end + 1, lines++)
		CHECK(end - text <= 80);
	CHECK(!*text);
	CHECK(lines <= 24);
}

static const char screen[] = "complete no, something was lost at tap 1\n"
			     "lost     7 events found the ring full\n"
			     "lost     4 failed connects were not reported\n"
			     "lost     2 connections found no room: their closes say less\n"
			     "lost     1 times a connect found no room: its events say less\n"
			     "trace    /sys/fs/bpf/tcpt\n"
			     "version  0.1.0, ABI 2\n"
			     "loaded   1 d 1 h 1 min 1 s ago, by kprobe\n"
			     "links    pinned\n"
			     "tap 1    none, ring 2 % full, 7 lost\n"
			     "tap 2    tcpt-watch (pid 78), ring 13 % full, 0 lost\n"
			     "events   100\n"
			     "open     12 connections, 65536 can be remembered\n"
			     "filters  none, all connections are reported\n"
			     "missed   11 times the kernel did not run the program of a hook\n"
			     "repaired 3 events: late, a later hook reported what others missed\n"
			     "offsets  hand, for Linux 6.1 x86_64\n";

static void text(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown = form(&stat, TCPT_STAT_TEXT);

	CHECK_STR(shown, screen);
	check_fits(shown);
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

/* A processor on which nothing was counted is not shown. */
static void all(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown = form(&stat, TCPT_STAT_ALL);

	CHECK(!strncmp(shown, screen, strlen(screen)));
	CHECK_STR(shown + strlen(screen),
		  "build id e1b6\n"
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

static bool says(const struct tcpt_stat *stat, const char *line)
{
	char *shown = form(stat, TCPT_STAT_TEXT);
	bool found = strstr(shown, line);

	check_fits(shown);
	free(shown);
	return found;
}

static void complete(void)
{
	struct tcpt_stat stat = some_stat();

	stat.sum = (struct tcpt_counts){ .events = 9 };
	stat.trace.taps = 1;
	CHECK(says(&stat, "complete yes, nothing was lost\ntrace "));
	CHECK(says(&stat, "\nreader   none\nring     144 of 8192 bytes wait to be read\n"));
	CHECK(says(&stat, "\nrepaired none: no event was late"));
	stat.sum.pending_full = 1;
	CHECK(says(&stat, "complete no, something was lost\nlost     1 times a connect"));
	tcpt_offsets_free(stat.offsets);
}

/* That there were none, and that nobody knows, are two things. */
static void misses(void)
{
	struct tcpt_stat stat = some_stat();

	stat.missed[0].runs = stat.missed[1].calls = 0;
	CHECK(says(&stat, "\nmissed   none: the kernel ran "));
	stat.missed[0].has_runs = stat.missed[1].has_calls = false;
	CHECK(says(&stat, "\nmissed   not counted by this kernel\n"));
	stat.programs = 0;
	CHECK(says(&stat, "\nmissed   not shown to members of the group\n"));
	tcpt_offsets_free(stat.offsets);
}

/* A list that is too long for its line ends with a number. */
static void shown_filters(void)
{
	struct tcpt_stat stat = some_stat();

	filters[0] = (struct tcpt_filter){ .key = TCPT_FILTER_UID, .value = 0 };
	filters[1] = (struct tcpt_filter){ .key = TCPT_FILTER_DPORT, .value = 80 };
	filters[2] = (struct tcpt_filter){ .key = TCPT_FILTER_DPORT, .value = 443 };
	filters[3] = (struct tcpt_filter){ .key = TCPT_FILTER_TYPE, .value = TCPT_EVENT_CLOSE };
	filters[4] = (struct tcpt_filter){ .key = TCPT_FILTER_WATCH, .value = 1 };
	filters[5] = (struct tcpt_filter){ .key = TCPT_FILTER_WATCH, .value = 7 };
	stat.filter_count = 6;
	CHECK(says(&stat, "\nfilters  uid=0 dport=80,443 type=close\nwatched  2 processes\n"));
	for (int i = 0; i < 1024; i++)
		filters[i] = (struct tcpt_filter){ .key = TCPT_FILTER_CGROUP, .value = UINT64_MAX };
	stat.filter_count = 1024;
	CHECK(says(&stat, "\nfilters  cgroup=18446744073709551615,18446744073709551615, and 1022 "
			  "more\nmissed "));
	stat.trace.has_filters = stat.trace.has_open = false;
	CHECK(says(&stat, "\nevents   100\nfilters  not shown to members of the group\nmissed "));
	tcpt_offsets_free(stat.offsets);
}

/* What is largest fits too: all taps, an odd kernel, the longest counts. */
static void widest(void)
{
	struct tcpt_stat stat = some_stat();

	for (unsigned int i = 0; i < 4; i++)
		stat.taps[i] = (struct tcpt_stat_tap){ i + 1,	   4194304,    "a-longest-name!",
						       2147483648, 2147483648, 9999999999,
						       0 };
	stat.trace.taps = 4;
	stat.trace.keeper = 4194304;
	stat.trace.kernel_release = "6.17.13+deb13-cloud-amd64-with-more";
	stat.sum =
		(struct tcpt_counts){ 0,	  UINT64_MAX, UINT64_MAX, 9999999999999999,
				      UINT64_MAX, UINT64_MAX, UINT64_MAX, .existing = UINT64_MAX };
	stat.missed[0].runs = stat.missed[1].calls = INT64_MAX;
	CHECK(says(&stat, "\ntap 4    a-longest-name! (pid 4194304), ring 100 % full, "
			  "9999999999 lost\n"));
	stat.trace.store = TCPT_STORE_SLOTS;
	stat.trace.is_recorder = true;
	for (struct tcpt_stat_tap *tap = stat.taps; tap < stat.taps + 4; tap->lost = 0, tap++)
		tap->overwritten = tap->lost;
	CHECK(says(&stat, "\ntap 4    a-longest-name! (pid 4194304), slots 100 % full, "
			  "9999999999 overwritten\n"));
	tcpt_offsets_free(stat.offsets);
}

/* What a recorder has overwritten is no loss. */
static void recorder(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown;

	counts[0].overwritten = 40;
	stat.sum = (struct tcpt_counts){ .events = 100, .overwritten = 40 };
	stat.taps[0].overwritten = 40;
	stat.trace.store = TCPT_STORE_SLOTS;
	stat.trace.is_recorder = true;
	stat.trace.taps = 1;
	CHECK(says(&stat, "complete yes, but for what was overwritten\n"));
	shown = form(&stat, TCPT_STAT_JSON);
	CHECK(strstr(shown, "\"store\":\"slots\",\"recorder\":true,\"sum\":"));
	CHECK(strstr(shown, "\"fails_lost\":0,\"overwritten\":40," NO_TYPES "},\"cpus\""));
	CHECK(strstr(shown, "\"lost\":7,\"overwritten\":40}],"));
	free(shown);
	shown = form(&stat, TCPT_STAT_PROMETHEUS);
	CHECK(strstr(shown, "\ntcpt_events_overwritten_total{cpu=\"0\"} 40\n"));
	free(shown);
	counts[0].overwritten = 0;
	tcpt_offsets_free(stat.offsets);
}

static void json(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown;

	stat.trace.reader = 77;
	stat.trace.reader_comm = "tcpt-watch";
	stat.trace.keeper = 78; /* the keeper is gone */
	filters[0] = (struct tcpt_filter){ .key = TCPT_FILTER_DPORT, .value = 80 };
	filters[1] = (struct tcpt_filter){ .key = TCPT_FILTER_DPORT, .value = 443 };
	filters[2] = (struct tcpt_filter){ .key = TCPT_FILTER_TYPE, .value = TCPT_EVENT_CLOSE };
	filters[3] = (struct tcpt_filter){ .key = TCPT_FILTER_WATCH, .value = 1 };
	stat.filter_count = 4;
	shown = form(&stat, TCPT_STAT_JSON);
	CHECK_STR(
		shown,
		"{\"pin\":\"/sys/fs/bpf/"
		"tcpt\",\"version\":\"0.1.0\",\"abi\":2,\"attach\":\"kprobe\","
		"\"loaded\":1000000000,\"uptime_ns\":90061250000000,\"keeper\":{\"pid\":78},"
		"\"reader\":{\"pid\":77,\"comm\":\"tcpt-watch\"},\"tap\":1,\"taps\":2,\"ring_"
		"bytes\":8192,"
		"\"ring_used_bytes\":144,\"store\":\"ring\",\"recorder\":false,"
		"\"sum\":{\"events\":100,\"lost\":7,\"late\":3,\"conns_full\":2,\"pending_full\":1,"
		"\"fails_lost\":4," NO_TYPES "},"
		"\"cpus\":[{\"cpu\":0,\"events\":100,\"lost\":7,\"late\":3,\"conns_full\":2,"
		"\"pending_full\":1,\"fails_lost\":4," NO_TYPES
		"},{\"cpu\":1,\"events\":0,\"lost\":0,\"late\":"
		"0,\"conns_full\":0,"
		"\"pending_full\":0,\"fails_lost\":0," NO_TYPES
		"},{\"cpu\":2,\"events\":18446744073709551615,"
		"\"lost\":0,"
		"\"late\":0,\"conns_full\":0,\"pending_full\":0,\"fails_lost\":0," NO_TYPES "}],"
		"\"missed\":[{\"program\":\"kp_close\",\"runs\":5},{\"program\":\"rt_state\","
		"\"calls\":6}],"
		"\"tap_list\":[{\"tap\":1,\"reader\":null,\"ring_bytes\":8192,"
		"\"ring_used_bytes\":144,\"lost\":7},{\"tap\":2,\"reader\":{\"pid\":78,"
		"\"comm\":\"tcpt-watch\"},\"ring_bytes\":8192,\"ring_used_bytes\":1025,"
		"\"lost\":0}],\"open\":12,\"open_room\":65536,"
		"\"filters\":{\"pid\":[],\"uid\":[],\"comm\":[],\"cgroup\":[],\"netns\":[],"
		"\"family\":[],\"role\":[],\"saddr\":[],\"sport\":[],\"daddr\":[],"
		"\"dport\":[80,443],\"type\":[\"close\"],\"watch\":[1]},"
		"\"document\":{\"kernel\":{\"release\":\"6.1\",\"machine\":\"x86_64\","
		"\"build_id\":\"e1b6\"},\"source\":\"hand\",\"offsets\":{"
		"\"sock_common.skc_dport\":12,\"net.ns.inum\":null}}}\n");
	CHECK(json_is_object(shown, strlen(shown) - 1));
	free(shown);
	stat.trace.has_filters = stat.trace.has_open = false; /* for a member */
	shown = form(&stat, TCPT_STAT_JSON);
	CHECK(strstr(shown, "\"lost\":0}],\"document\":{"));
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

static void prometheus(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown = form(&stat, TCPT_STAT_PROMETHEUS);

	CHECK(!strncmp(shown, "# HELP tcpt_up 1 if ", 20));
	CHECK(strstr(shown, "\n# TYPE tcpt_up gauge\ntcpt_up 1\n# HELP "));
	CHECK(strstr(shown, "\ntcpt_network_connections{network_transport=\"tcp\"} 12\n"));
	CHECK(strstr(shown, "\ntcpt_network_connections_limit{network_transport=\"tcp\"} 65536\n"));
	CHECK(strstr(shown, "tcpt_trace_info{version=\"0.1.0\",abi=\"2\",attach=\"kprobe\","
			    "store=\"ring\",recorder=\"false\",source=\"hand\",release=\"6.1\","
			    "build_id=\"e1b6\"} 1\n"));
	CHECK(strstr(shown, "\ntcpt_uptime_seconds 90061.250\n"));
	CHECK(strstr(shown, "\ntcpt_readers 0\n"));
	CHECK(strstr(shown, "# TYPE tcpt_events_lost_total counter\n"
			    "tcpt_events_lost_total{cpu=\"0\"} 7\n"
			    "tcpt_events_lost_total{cpu=\"1\"} 0\n"
			    "tcpt_events_lost_total{cpu=\"2\"} 0\n"
			    "# HELP tcpt_events_late_total "));
	CHECK(strstr(shown, "\ntcpt_events_late_total{cpu=\"0\"} 3\n"));
	CHECK(strstr(shown, "\ntcpt_conns_full_total{cpu=\"0\"} 2\n"));
	CHECK(strstr(shown, "\ntcpt_pending_full_total{cpu=\"0\"} 1\n"));
	CHECK(strstr(shown, "\ntcpt_fails_lost_total{cpu=\"0\"} 4\n"));
	CHECK(strstr(shown, "\ntcpt_program_runs_missed_total{program=\"kp_close\"} 5\n#"));
	CHECK(strstr(shown, "\ntcpt_program_calls_missed_total{program=\"rt_state\"} 6\n"));
	free(shown);
	stat.trace.has_open = false; /* for a member */
	shown = form(&stat, TCPT_STAT_PROMETHEUS);
	CHECK(!strstr(shown, "tcpt_network_connections"));
	free(shown);
	shown = form(NULL, TCPT_STAT_PROMETHEUS);
	CHECK_STR(shown, "# HELP tcpt_up 1 if a trace is loaded, else 0.\n"
			 "# TYPE tcpt_up gauge\n"
			 "tcpt_up 0\n");
	free(shown);
	tcpt_offsets_free(stat.offsets);
}

/* A process can choose any name, and a document can be made by hand. */
static void hostile_names(void)
{
	struct tcpt_stat stat = some_stat();
	char *shown;

	stat.trace.taps = 1;
	stat.trace.reader = stat.taps[0].reader = 77;
	stat.trace.reader_comm = stat.taps[0].reader_comm = hostile;
	stat.trace.kernel_release = stat.trace.pin = hostile;
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
		TEST(text),	     TEST(all),		  TEST(complete),	TEST(misses),
		TEST(shown_filters), TEST(widest),	  TEST(recorder),	TEST(json),
		TEST(prometheus),    TEST(hostile_names), TEST(no_such_format),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
