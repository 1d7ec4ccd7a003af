// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "summary-line.h"
#include "table.h"

/* An open connection, and whose it is: who opens one may not be who closes it. */
struct conn {
	uint64_t id;
	struct summary_line line;
};

#define CONN_OF(at) (*(struct conn *const *)(at))
#define LINE_OF(at) (*(struct summary_line *const *)(at))

static int compare_ids(const void *a, const void *b)
{
	const struct conn *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int compare_lines(const void *a, const void *b)
{
	return summary_line_compare(a, b);
}

/* ---- lines ---- */

static bool make_room(struct summary *summary)
{
	size_t room = summary->room ? 2 * summary->room : 64;
	struct summary_line **lines;

	if (summary->used < summary->room)
		return true;
	lines = realloc(summary->lines, room * sizeof(*lines));
	if (!lines)
		return false;
	summary->lines = lines;
	summary->room = room;
	return true;
}

/* Returns the line with this key, or a new one. NULL: memory is short. */
static struct summary_line *find_line(struct summary *summary, const struct summary_line *key)
{
	struct summary_line *line, **found = tfind(key, &summary->tree, compare_lines);

	if (found)
		return *found;
	line = make_room(summary) ? malloc(sizeof(*line)) : NULL;
	if (!line)
		return NULL;
	*line = *key;
	line->count = line->sent = line->received = 0;
	if (!tsearch(line, &summary->tree, compare_lines)) {
		free(line);
		return NULL;
	}
	return summary->lines[summary->used++] = line;
}

static void count(struct summary *summary, const struct summary_line *one)
{
	struct summary_line *line = find_line(summary, one);

	if (!line) {
		summary->lacks_memory = true;
		return;
	}
	line->count++;
	line->sent += one->sent;
	line->received += one->received;
}

/* ---- events ---- */

static void open_conn(struct summary *summary, const struct tcpt_event *event)
{
	struct conn *conn = malloc(sizeof(*conn)), **found;

	if (!conn) {
		summary->lacks_memory = true;
		return;
	}
	conn->id = event->id;
	summary_line_set(&conn->line, event);
	found = tsearch(conn, &summary->conns, compare_ids);
	if (!found)
		summary->lacks_memory = true;
	if (!found || *found != conn)
		free(conn);
}

static void close_conn(struct summary *summary, const struct tcpt_event *event)
{
	struct conn key = { .id = event->id }, **found = tfind(&key, &summary->conns, compare_ids);
	struct conn *conn = found ? *found : NULL;

	if (conn) {
		tdelete(conn, &summary->conns, compare_ids);
		key.line = conn->line;
		free(conn);
	} else {
		summary_line_set(&key.line, event);
	}
	summary_line_end(&key.line, event);
	count(summary, &key.line);
}

static void fail(struct summary *summary, const struct tcpt_event *event)
{
	struct summary_line line;

	summary_line_set(&line, event);
	summary_line_end(&line, event);
	count(summary, &line);
}

void summary_add(struct summary *summary, const struct tcpt_event *event)
{
	switch (event->type) {
	case TCPT_EVENT_CONNECT:
	case TCPT_EVENT_ACCEPT:
	case TCPT_EVENT_EXISTING:
		open_conn(summary, event);
		break;
	case TCPT_EVENT_CLOSE:
		close_conn(summary, event);
		break;
	case TCPT_EVENT_FAIL:
		fail(summary, event);
		break;
	case TCPT_EVENT_LOST:
	case TCPT_EVENT_OVERWRITTEN:
		summary->lost += event->count;
		break;
	default:
		break;
	}
}

static int compare_in_array(const void *a, const void *b)
{
	return summary_line_compare(LINE_OF(a), LINE_OF(b));
}

void summary_end(struct summary *summary)
{
	while (summary->conns) {
		struct conn *conn = CONN_OF(summary->conns);

		count(summary, &conn->line);
		tdelete(conn, &summary->conns, compare_ids);
		free(conn);
	}
	if (summary->used)
		qsort(summary->lines, summary->used, sizeof(*summary->lines), compare_in_array);
}

static void keep(void *line)
{
	(void)line; /* it is freed by itself */
}

void summary_free(struct summary *summary)
{
	tdestroy(summary->tree, keep);
	tdestroy(summary->conns, free);
	for (size_t i = 0; i < summary->used; i++)
		free(summary->lines[i]);
	free(summary->lines);
}

/* ---- formats ---- */

static void write_text(struct text *out, const struct summary *summary, bool has_heading)
{
	struct table table = {
		.columns = { { .heading = "EXE" },
			     { .heading = "ROLE" },
			     { .heading = "ADDRESS" },
			     { .heading = "PORT", .right = true },
			     { .heading = "OUTCOME" },
			     { .heading = "COUNT", .right = true },
			     { .heading = "SENT", .right = true },
			     { .heading = "RECEIVED", .right = true } },
		.n = 8,
		.no_heading = !has_heading,
	};
	char exe[SUMMARY_EXE_MAX];

	for (size_t i = 0; i < summary->used; i++) {
		const struct summary_line *line = summary->lines[i];

		summary_line_write_exe(line, false, exe);
		table_add(&table, "%s", exe);
		table_add(&table, "%s", line->role);
		table_add(&table, "%s", line->address);
		table_add(&table, "%u", line->port);
		table_add(&table, "%s", line->outcome);
		table_add(&table, "%" PRIu64, line->count);
		table_add(&table, "%" PRIu64, line->sent);
		table_add(&table, "%" PRIu64, line->received);
	}
	table_end(&table, 0, out);
}

static void write_tsv(struct text *out, const struct summary *summary, bool has_heading)
{
	char exe[SUMMARY_EXE_MAX];

	if (has_heading)
		text_add(out, "#exe\trole\taddress\tport\toutcome\tcount\tsent\treceived\n");
	for (size_t i = 0; i < summary->used; i++) {
		const struct summary_line *line = summary->lines[i];

		summary_line_write_exe(line, false, exe);
		text_add(out, "%s\t%s\t%s\t%u\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", exe,
			 line->role, line->address, line->port, line->outcome, line->count,
			 line->sent, line->received);
	}
}

static void write_json(struct text *out, const struct summary *summary)
{
	char exe[SUMMARY_EXE_MAX];

	for (size_t i = 0; i < summary->used; i++) {
		const struct summary_line *line = summary->lines[i];

		summary_line_write_exe(line, true, exe);
		text_add(out,
			 "{%s,\"role\":\"%s\",\"address\":\"%s\",\"port\":%u,\"outcome\":\"%s\","
			 "\"count\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"received\":%" PRIu64 "}\n",
			 exe, line->role, line->address, line->port, line->outcome, line->count,
			 line->sent, line->received);
	}
}

char *summary_format(const struct summary *summary, enum tcpt_format format, bool has_heading)
{
	struct text text = {};

	if (format == TCPT_FORMAT_JSON)
		write_json(&text, summary);
	else if (format == TCPT_FORMAT_TSV)
		write_tsv(&text, summary, has_heading);
	else
		write_text(&text, summary, has_heading);
	return text_end(&text);
}
