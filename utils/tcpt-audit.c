// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "cli.h"
#include "programs.h"
#include "stream.h"
#include "table.h"

enum format {
	TEXT,
	JSON,
};

struct config {
	enum format format;
	unsigned int pid; /* 0: this process */
	bool banner;
};

static const struct cli cli = {
	.name = "tcpt-audit",
	.synopsis = "[OPTION]... < EVENTS",
	.about = "Reconcile events, as they come, with what the kernel itself counts.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to reconcile"),
			{ 0, "pid", "PID", "the network namespace of this process (this one)",
			  cli_take_number, CLI_TO(pid), .min = 1, .max = INT_MAX },
			CLI_GROUP("What to print"),
			{ 'f', "format", "FORMAT", "text or json (text)", cli_take_choice,
			  CLI_TO(format), CLI_CHOICES("text", "json") },
			CLI_GROUP("For scripts"),
			{ 0, "banner", NULL, "print a line on stderr once it counts", cli_take_true,
			  CLI_TO(banner) },
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-watch -f json --duration=10m | tcpt-audit",
			  "are the events of ten minutes all there were?" },
			{ "tcpt-watch -f json --duration=60 | tcpt-audit --pid=1",
			  "in the namespace of process 1" },
			{},
		},
};

/* ---- reading ---- */

/* The stream, in a buffer that has room for any line. */
struct input {
	char buf[256 * 1024];
	size_t used;
	uint64_t number; /* of the line */
};

static int take_lines(struct audit *audit, struct input *input)
{
	char *line = input->buf, *end;

	while ((end = memchr(line, '\n', input->buf + input->used - line))) {
		*end = '\0';
		input->number++;
		if (!audit_take(audit, line)) {
			cli_error(&cli,
				  "stdin:%" PRIu64 ": not an object of JSON, as tcpt-watch "
				  "--format=json prints them",
				  input->number);
			return -EINVAL;
		}
		line = end + 1;
	}
	input->used -= line - input->buf;
	memmove(input->buf, line, input->used);
	if (input->used < sizeof(input->buf))
		return 0;
	cli_error(&cli, "stdin:%" PRIu64 ": the line is too long", input->number + 1);
	return -EINVAL;
}

#define LOOK_MS 100

static int look(struct audit *audit)
{
	int err = audit_look(audit);

	if (err)
		cli_error(&cli, "cannot read /proc/%s/net/snmp: %s", audit->pid, strerror(-err));
	return err;
}

/* Reads to the end. The first reading comes with the first object: then the trace is there. */
static int read_stream(struct audit *audit, bool has_banner)
{
	static struct input input;
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t last = 0;
	ssize_t n = 1;
	int err = 0;

	while (!err && n) {
		if (poll(&in, 1, LOOK_MS) > 0) {
			n = read(STDIN_FILENO, input.buf + input.used,
				 sizeof(input.buf) - input.used);
			if (n < 0)
				return -errno;
			if (n && !audit->has_begun) {
				err = look(audit);
				if (has_banner)
					cli_error(&cli, "ready");
			}
			input.used += n;
			err = err ? err : take_lines(audit, &input);
		}
		if (!err && audit->has_begun && stream_now_ms() - last >= LOOK_MS) {
			err = look(audit);
			last = stream_now_ms();
		}
	}
	return err;
}

/* ---- the result ---- */

static const struct {
	const char *name, *known, *more, *less;
} items[AUDIT_ITEMS] = {
	[AUDIT_ACTIVE_OPENS] = { "ActiveOpens", "under way",
				 "connects without an event: lost, or MPTCP subflows",
				 "events too many" },
	[AUDIT_PASSIVE_OPENS] = { "PassiveOpens", "waiting to be accepted",
				  "never accepted, MPTCP subflows, or lost", "events too many" },
	[AUDIT_ATTEMPT_FAILS] = { "AttemptFails", "",
				  "fails without an event: of a server's handshake, or lost",
				  "fails that the kernel counts as no attempt: before a SYN" },
};

static bool is_balanced(const struct audit *audit, const struct audit_result *result)
{
	return result->of[AUDIT_ACTIVE_OPENS].is_balanced &&
	       result->of[AUDIT_PASSIVE_OPENS].is_balanced && !audit->skipped && !audit->lost;
}

static void add_note(struct table *table, enum audit_item item, const struct audit_balance *of)
{
	int64_t difference = (int64_t)(of->kernel - of->stream);
	char known[64] = "", older[64] = "", edge[64] = "";

	if (of->known)
		snprintf(known, sizeof(known), "%" PRIu64 " %s; ", of->known, items[item].known);
	if (of->older)
		snprintf(older, sizeof(older), "%" PRIu64 " older than the trace; ", of->older);
	if (of->edge)
		snprintf(edge, sizeof(edge), "%" PRIu64 " at the edges; ", of->edge);
	table_add(table, "%s%s%s%s", known, older, edge,
		  of->is_balanced ? "balanced" :
		  difference > 0  ? items[item].more :
				    items[item].less);
}

static int print_text(const struct audit *audit, const struct audit_result *result)
{
	struct table table = { .columns = { { .heading = "COUNTER" },
					    { .heading = "KERNEL", .right = true },
					    { .heading = "STREAM", .right = true },
					    { .heading = "NOTE" } },
			       .n = 4 };

	for (enum audit_item item = 0; item < AUDIT_ITEMS; item++) {
		const struct audit_balance *of = &result->of[item];

		table_add(&table, "%s", items[item].name);
		table_add(&table, "%" PRIu64, of->kernel);
		table_add(&table, "%" PRIu64, of->stream);
		add_note(&table, item, of);
	}
	table_add(&table, "numbers");
	table_add(&table, "%" PRIu64, audit->numbered + audit->skipped);
	table_add(&table, "%" PRIu64, audit->numbered);
	table_add(&table, "%s%s",
		  audit->skipped ? "events without which the numbers have gaps" : "balanced",
		  audit->lost ? "; the stream says that some are lost" : "");
	return table_print(&table, &cli);
}

static void print_json(const struct audit *audit, const struct audit_result *result)
{
	printf("{\"balanced\":%s,\"seconds\":%.1f", is_balanced(audit, result) ? "true" : "false",
	       (double)(result->end_ns - result->begin_ns) / 1e9);
	for (enum audit_item item = 0; item < AUDIT_ITEMS; item++) {
		const struct audit_balance *of = &result->of[item];

		printf(",\"%s\":{\"kernel\":%" PRIu64 ",\"stream\":%" PRIu64 ",\"known\":%" PRIu64
		       ",\"older\":%" PRIu64 ",\"edge\":%" PRIu64 ",\"balanced\":%s}",
		       items[item].name, of->kernel, of->stream, of->known, of->older, of->edge,
		       of->is_balanced ? "true" : "false");
	}
	printf(",\"numbers\":{\"events\":%" PRIu64 ",\"missing\":%" PRIu64 "},\"lost\":%" PRIu64
	       "}\n",
	       audit->numbered, audit->skipped, audit->lost);
}

static int conclude(const struct config *config, const struct audit *audit)
{
	struct audit_result result;
	int err = audit_end(audit, &result);

	if (err == -EAGAIN)
		cli_error(&cli,
			  "the stream was too short: the counters have to be read twice, with "
			  "half a second after it; use a longer --duration");
	else if (err)
		cli_error(&cli, "cannot read /proc/%s/net/tcp: %s", audit->pid, strerror(-err));
	if (err)
		return err;
	if (config->format == JSON)
		print_json(audit, &result);
	else
		err = print_text(audit, &result);
	return err ? err : is_balanced(audit, &result) ? 0 : -EIO;
}

static int find_namespace(struct audit *audit)
{
	struct stat st;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", audit->pid);
	if (!stat(path, &st)) {
		audit->netns = st.st_ino;
		return 0;
	}
	err = -errno;
	cli_error(&cli, "cannot find the network namespace of process %s: %s", audit->pid,
		  strerror(-err));
	return err == -EACCES ? -EPERM : err;
}

PROGRAM_MAIN(audit)
{
	static struct audit audit;
	struct config config = {};
	struct cli_log log;
	char pid[16] = "self";
	int err;

	cli_begin(&log, &cli);
	cli_parse(&cli, &config, argc, argv);
	if (isatty(STDIN_FILENO))
		cli_misuse(&cli,
			   "stdin is a terminal, and the events come from stdin; run it behind "
			   "'tcpt-watch -f json |'");
	if (config.pid)
		snprintf(pid, sizeof(pid), "%u", config.pid);
	audit.pid = pid;
	err = find_namespace(&audit);
	if (!err)
		err = read_stream(&audit, config.banner);
	if (!err)
		err = conclude(&config, &audit);
	return cli_close_stdout(&cli, cli_status(err));
}
