// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events by type and traffic, in each form. */
#include <stdlib.h>

#include "../test.h"
#include "base/json.h"
#include "base/text.h"
#include "internal.h"
#include "read/stat.h"

static struct tcpt_counts counts[] = { { .cpu = 0,
					 .connects = 21,
					 .accepts = 22,
					 .closes = 47,
					 .fails = 5,
					 .fdinstalls = 3,
					 .existing = 2,
					 .bytes_sent = 1234567890,
					 .bytes_received = 42,
					 .retransmits = 6 },
				       { .cpu = 9, .closes = UINT64_MAX } };

static struct tcpt_stat some_stat(void)
{
	return (struct tcpt_stat){
		.trace = { .has_bytes_sent = true,
			   .has_bytes_received = true,
			   .has_retransmits = true },
		.sum = counts[0],
		.of = counts,
		.cpus = ARRAY_SIZE(counts),
	};
}

static void check_text(const struct tcpt_stat *stat, const char *expected)
{
	struct text text;
	char *shown;

	CHECK_INT(text_open(&text), 0);
	stat_totals_write_text(text.out, stat);
	shown = text_close(&text);
	CHECK_STR(shown, expected);
	free(shown);
}

static void text(void)
{
	struct tcpt_stat stat = some_stat();

	check_text(&stat, "types    21 connect, 22 accept, 47 close, 5 fail, 3 fdinstall, "
			  "2 existing\n"
			  "traffic  1.1G sent, 42 received, 6 retransmits of closed connections\n");
	stat.sum.fails = stat.sum.existing = 0;
	stat.trace.has_bytes_sent = stat.trace.has_retransmits = false;
	check_text(&stat, "types    21 connect, 22 accept, 47 close, 3 fdinstall\n"
			  "traffic  42 received of closed connections\n");
}

/* What is too long for a line of 80 columns is in two, and what is not there in none. */
static void fits(void)
{
	struct tcpt_stat stat = some_stat();

	stat.sum = (struct tcpt_counts){ .connects = 999999999999,
					 .accepts = 999999999999,
					 .closes = 999999999999,
					 .fdinstalls = 10,
					 .existing = 999999999999,
					 .bytes_sent = UINT64_MAX,
					 .bytes_received = 1047552,
					 .retransmits = 999999999999 };
	check_text(&stat, "types    999999999999 connect, 999999999999 accept, 999999999999 close\n"
			  "types    10 fdinstall, 999999999999 existing\n"
			  "traffic  16E sent, 1.0M received, 999999999999 retransmits of closed "
			  "connections\n");
	stat.sum.fdinstalls = 1;
	check_text(&stat, "types    999999999999 connect, 999999999999 accept, 999999999999 close\n"
			  "types    1 fdinstall, 999999999999 existing\n"
			  "traffic  16E sent, 1.0M received, 999999999999 retransmits of closed "
			  "connections\n");
	stat = (struct tcpt_stat){};
	check_text(&stat, "");
}

static void check_json(const struct tcpt_stat *stat, const char *expected)
{
	char line[1024];
	struct json json;

	json_begin(&json, line, NULL);
	stat_totals_write_json(&json, &stat->trace, &stat->sum);
	*json_end(&json) = '\0';
	CHECK_STR(line, expected);
}

static void json(void)
{
	struct tcpt_stat stat = some_stat();

	check_json(&stat, "{\"connect\":21,\"accept\":22,\"close\":47,\"fail\":5,\"fdinstall\":3,"
			  "\"existing\":2,\"bytes_sent\":1234567890,\"bytes_received\":42,"
			  "\"retransmits\":6}\n");
	stat = (struct tcpt_stat){};
	check_json(&stat, "{\"connect\":0,\"accept\":0,\"close\":0,\"fail\":0,\"fdinstall\":0,"
			  "\"existing\":0}\n");
}

static const char metrics[] =
	"# HELP tcpt_events_total Events that were given a number, lost ones included.\n"
	"# TYPE tcpt_events_total counter\n"
	"tcpt_events_total{cpu=\"0\",type=\"connect\"} 21\n"
	"tcpt_events_total{cpu=\"0\",type=\"accept\"} 22\n"
	"tcpt_events_total{cpu=\"0\",type=\"close\"} 47\n"
	"tcpt_events_total{cpu=\"0\",type=\"fail\"} 5\n"
	"tcpt_events_total{cpu=\"0\",type=\"fdinstall\"} 3\n"
	"tcpt_events_total{cpu=\"0\",type=\"existing\"} 2\n"
	"tcpt_events_total{cpu=\"9\",type=\"connect\"} 0\n"
	"tcpt_events_total{cpu=\"9\",type=\"accept\"} 0\n"
	"tcpt_events_total{cpu=\"9\",type=\"close\"} 18446744073709551615\n"
	"tcpt_events_total{cpu=\"9\",type=\"fail\"} 0\n"
	"tcpt_events_total{cpu=\"9\",type=\"fdinstall\"} 0\n"
	"tcpt_events_total{cpu=\"9\",type=\"existing\"} 0\n"
	"# HELP tcpt_network_io_bytes_total Payload of connections that have ended.\n"
	"# TYPE tcpt_network_io_bytes_total counter\n"
	"tcpt_network_io_bytes_total{cpu=\"0\",network_transport=\"tcp\","
	"network_io_direction=\"transmit\"} 1234567890\n"
	"tcpt_network_io_bytes_total{cpu=\"9\",network_transport=\"tcp\","
	"network_io_direction=\"transmit\"} 0\n"
	"tcpt_network_io_bytes_total{cpu=\"0\",network_transport=\"tcp\","
	"network_io_direction=\"receive\"} 42\n"
	"tcpt_network_io_bytes_total{cpu=\"9\",network_transport=\"tcp\","
	"network_io_direction=\"receive\"} 0\n"
	"# HELP tcpt_network_retransmits_total Segments that were retransmitted by connections "
	"that have ended.\n"
	"# TYPE tcpt_network_retransmits_total counter\n";

static void check_prometheus(const struct tcpt_stat *stat, const char *last)
{
	struct text text;
	char *shown;

	CHECK_INT(text_open(&text), 0);
	stat_totals_write_prometheus(text.out, stat);
	shown = text_close(&text);
	CHECK(!strncmp(shown, metrics, sizeof(metrics) - 1));
	CHECK_STR(shown + sizeof(metrics) - 1, last);
	free(shown);
}

static void prometheus(void)
{
	struct tcpt_stat stat = some_stat();

	check_prometheus(&stat,
			 "tcpt_network_retransmits_total{cpu=\"0\",network_transport=\"tcp\"} 6\n"
			 "tcpt_network_retransmits_total{cpu=\"9\",network_transport=\"tcp\"} 0\n");
	stat.trace.has_retransmits = false;
	check_prometheus(&stat, "");
}

int main(void)
{
	static const struct test tests[] = { TEST(text), TEST(fits), TEST(json), TEST(prometheus) };

	return run_tests(tests, ARRAY_SIZE(tests));
}
