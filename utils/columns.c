// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "columns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cut.h"
#include "width.h"

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define CELL_SIZE (TCPT_VALUE_MAX + 64)
#define NOTE_MAX 200

enum cut {
	CUT_NEVER, /* a number or a type: it takes blanks of the columns behind it */
	CUT_END,
	CUT_DIGITS, /* of a time */
	CUT_ADDRESS, /* the port stays */
	CUT_WORDS,
};

/*
 * A column is at least min wide, good if there is room, and max if there is still room.
 * Room is given in the order of this table.
 */
static const struct column {
	const char *name, *heading;
	unsigned int min, good, max;
	enum cut cut;
	bool right;
} table[] = {
	{ "type", "TYPE", 8, 9, 9, CUT_NEVER, false },
	{ "remote", "   REMOTE", 21, 24, 50, CUT_ADDRESS, false },
	{ "comm", "COMM", 8, 15, 15, CUT_END, false },
	{ "time", "TIME", 12, 15, 15, CUT_DIGITS, false }, /* or columns->time_width */
	{ "local", "LOCAL", 6, 21, 47, CUT_ADDRESS, false },
	{ "note", "NOTE", 12, 40, NOTE_MAX, CUT_WORDS, false },
	{ "daddr", "DADDR", 15, 15, 39, CUT_END, false },
	{ "saddr", "SADDR", 15, 15, 39, CUT_END, false },
	{ "role", "ROLE", 6, 6, 6, CUT_NEVER, false },
	{ "pid", "PID", 7, 7, 7, CUT_NEVER, true },
	{ "tid", "TID", 7, 7, 7, CUT_NEVER, true },
	{ "uid", "UID", 5, 5, 10, CUT_NEVER, true },
	{ "sport", "SPORT", 5, 5, 5, CUT_NEVER, true },
	{ "dport", "DPORT", 5, 5, 5, CUT_NEVER, true },
	{ "family", "FAMILY", 6, 6, 6, CUT_NEVER, true },
	{ "netns", "NETNS", 10, 10, 10, CUT_NEVER, true },
	{ "netns_cookie", "NSCOOKIE", 8, 8, 8, CUT_NEVER, true },
	{ "cgroup", "CGROUP", 8, 8, 8, CUT_NEVER, true },
	{ "cookie", "COOKIE", 8, 8, 8, CUT_NEVER, true },
	{ "cpu", "CPU", 3, 3, 3, CUT_NEVER, true },
	{ "seq", "SEQ", 8, 8, 8, CUT_NEVER, true },
	{ "id", "ID", 8, 8, 8, CUT_NEVER, true },
	{ "duration", "DURATION", 8, 8, 8, CUT_NEVER, true },
	{ "sent", "SENT", 4, 6, 6, CUT_NEVER, true },
	{ "received", "RECV", 4, 6, 6, CUT_NEVER, true },
	{ "wait", "WAIT", 8, 8, 8, CUT_NEVER, true },
	{ "rtt", "RTT", 7, 7, 7, CUT_NEVER, true },
	{ "retransmits", "RETRANS", 7, 7, 7, CUT_NEVER, true },
	{ "reason", "REASON", 7, 7, 7, CUT_NEVER, false },
	{ "errno", "ERRNO", 12, 12, 15, CUT_END, false },
	{ "opener", "OPENER", 7, 7, 7, CUT_NEVER, true },
	{ "fd", "FD", 4, 4, 4, CUT_NEVER, true },
	{ "late", "LATE", 4, 4, 4, CUT_NEVER, false },
	{ "user", "USER", 8, 12, 16, CUT_END, false },
	{ "euid", "EUID", 5, 5, 10, CUT_NEVER, true },
	{ "euser", "EUSER", 8, 12, 16, CUT_END, false },
	{ "service", "SERVICE", 12, 24, 32, CUT_END, false },
	{ "slice", "SLICE", 12, 16, 32, CUT_END, false },
	{ "container", "CONTAINER", 12, 12, 64, CUT_END, false },
	{ "runtime", "RUNTIME", 10, 10, 10, CUT_END, false },
	{ "exe", "EXE", 12, 24, 60, CUT_END, false },
	{ "ppid", "PPID", 7, 7, 7, CUT_NEVER, true },
	{ "process", "PROCESS", 8, 15, 15, CUT_END, false },
	{ "started", "STARTED", 16, 16, 16, CUT_NEVER, true },
	{ "cgroup_path", "CGROUP PATH", 16, 40, 80, CUT_END, false },
};

/* ---- cutting ---- */

static void cut(char *text, enum cut how, unsigned int width)
{
	if (how == CUT_NEVER || width_of(text) <= width)
		return;
	if (how == CUT_DIGITS)
		text[width] = '\0';
	else if (how == CUT_ADDRESS)
		cut_address(text, width);
	else
		cut_end(text, width);
}

/* ---- the columns ---- */

static int find(const char *name, size_t size)
{
	for (unsigned int i = 0; i < SIZE(table); i++)
		if (strlen(table[i].name) == size && !strncmp(table[i].name, name, size))
			return i;
	return -1;
}

const char *columns_name(unsigned int i)
{
	return i < SIZE(table) ? table[i].name : NULL;
}

int columns_set(struct columns *columns, const char *list, char name[32])
{
	columns->n = 0;
	if (!columns->line_max)
		columns->line_max = TCPT_LINE_PLAIN_MAX;
	for (;;) {
		size_t size = strcspn(list, ",");
		int column = find(list, size);

		snprintf(name, 32, "%.*s", (int)(size < 31 ? size : 31), list);
		if (column < 0 || columns->n == COLUMNS_MAX)
			return -EINVAL;
		columns->of[columns->n++] = column;
		if (!list[size])
			return 0;
		list += size + 1;
	}
}

static unsigned int wanted(const struct columns *columns, unsigned int column, bool good)
{
	if (columns->time_width && table[column].cut == CUT_DIGITS)
		return columns->time_width;
	return good ? table[column].good : table[column].max;
}

static unsigned int grow(struct columns *columns, unsigned int room, bool good)
{
	for (unsigned int column = 0; column < SIZE(table); column++)
		for (unsigned int i = 0; i < columns->n; i++) {
			unsigned int more = wanted(columns, column, good) - columns->width[i];

			if (columns->of[i] != column)
				continue;
			more = more < room ? more : room;
			columns->width[i] += more;
			room -= more;
		}
	return room;
}

void columns_fit(struct columns *columns, unsigned int width)
{
	unsigned int least = columns->n - 1;

	columns->cuts = width;
	for (unsigned int i = 0; i < columns->n; i++) {
		unsigned int column = columns->of[i];

		columns->width[i] = width ? table[column].min :
					    wanted(columns, column, table[column].cut == CUT_WORDS);
		least += columns->width[i];
	}
	if (width > least)
		grow(columns, grow(columns, width - least, true), false);
}

/* ---- cells ---- */

/* Writes a value with a NUL behind it; returns false if it is not known. */
static bool value(char *p, const struct tcpt_event *event, const char *name)
{
	p[tcpt_value_format(event, tcpt_value_find(name), p)] = '\0';
	return *p;
}

/* Returns what the time of this event is, as tcpt-watch(8) says for wait. */
static const char *wait_of(enum tcpt_event_type type)
{
	return type == TCPT_EVENT_CONNECT ? "latency " :
	       type == TCPT_EVENT_ACCEPT  ? "queue " :
					    "after ";
}

/* Adds the words as far as they fit: the first ones say most. */
static void write_note(char *p, const struct tcpt_event *event, unsigned int width)
{
	static const char *const words[][2] = {
		{ "", "errno" },
		{ "fd ", "fd" },
		{ NULL, "wait" },
		{ "", "duration" },
		{ "", "reason" },
		{ "sent ", "sent" },
		{ "recv ", "received" },
		{ "rtt ", "rtt" },
		{ "retr ", "retransmits" },
		{ "opener ", "opener" },
		{ "user ", "user" },
		{ "euser ", "euser" },
		{ "service ", "service" },
		{ "container ", "container" },
		{ "cgroup ", "cgroup_path" },
		{ "exe ", "exe" },
		{ "ppid ", "ppid" },
		{ "process ", "process" },
		{ "", "late" },
	};
	size_t used = 0;

	*p = '\0';
	for (unsigned int i = 0; i < SIZE(words); i++) {
		char word[CELL_SIZE], text[CELL_SIZE + 32];

		if (!value(word, event, words[i][1]) ||
		    (!strcmp(words[i][1], "opener") && event->opener_pid == event->pid) ||
		    (!strcmp(words[i][1], "retransmits") && !event->retransmits))
			continue;
		snprintf(text, sizeof(text), "%s%s%s", used ? " " : "",
			 words[i][0] ? words[i][0] : wait_of(event->type), word);
		if (used + strlen(text) > width)
			continue;
		strcpy(p + used, text);
		used += strlen(text);
	}
}

static void write_remote(char *p, const struct tcpt_event *event)
{
	static const char *const arrows[] = {
		[TCPT_ROLE_UNKNOWN] = "--", [TCPT_ROLE_CLIENT] = "->", [TCPT_ROLE_SERVER] = "<-"
	};
	enum tcpt_role role = event->role <= TCPT_ROLE_SERVER ? event->role : TCPT_ROLE_UNKNOWN;
	char end[128];

	if (value(end, event, "remote"))
		sprintf(p, "%s %s", arrows[role], end);
	else
		strcpy(p, "-");
}

static void write_cell(char *p, const struct columns *columns, unsigned int i,
		       const struct tcpt_event *event, const char *when)
{
	const struct column *column = &table[columns->of[i]];

	if (!strcmp(column->name, "time") && when)
		snprintf(p, CELL_SIZE, "%.64s", when);
	else if (!strcmp(column->name, "time"))
		p[tcpt_time_format(event, TCPT_TIME_MONOTONIC, p)] = '\0';
	else if (!strcmp(column->name, "note"))
		write_note(p, event, columns->cuts ? columns->width[i] : NOTE_MAX);
	else if (!strcmp(column->name, "remote"))
		write_remote(p, event);
	else if (!value(p, event, column->name))
		strcpy(p, "-");
	if (columns->cuts)
		cut(p, column->cut, columns->width[i]);
}

/* ---- lines ---- */

static char *put_spaces(char *p, unsigned int n)
{
	memset(p, ' ', n);
	return p + n;
}

static char *put_colored(char *p, const char *text, const char *color)
{
	return p + (color ? sprintf(p, "\033[%sm%s\033[m", color, text) : sprintf(p, "%s", text));
}

/* A line has spaces that are due before the next cell, and spaces that cells owe. */
struct spaces {
	unsigned int pending;
	unsigned int owed; /* by values that are wider than their column */
};

static unsigned int pay(struct spaces *spaces, unsigned int room)
{
	unsigned int paid = spaces->owed < room ? spaces->owed : room;

	spaces->owed -= paid;
	return room - paid;
}

/* Puts a cell, and spaces around it. */
static char *put_cell(char *p, const struct columns *columns, unsigned int i, const char *text,
		      const char *color, struct spaces *spaces)
{
	unsigned int used = width_of(text), width = columns->width[i];
	unsigned int room = pay(spaces, used < width ? width - used : 0);
	bool right = table[columns->of[i]].right;

	spaces->owed += used > width ? used - width : 0;
	if (*text) {
		p = put_spaces(p, spaces->pending + (right ? room : 0));
		p = put_colored(p, text, columns->color ? color : NULL);
		spaces->pending = right ? 1 : room + 1;
	} else {
		spaces->pending += room + 1;
	}
	return p;
}

/*
 * Returns green or cyan if a connection begins, red if it failed, yellow if it ended by
 * force.
 */
static const char *color_of(const struct tcpt_event *event, const char *name)
{
	static const char *const colors[TCPT_EVENT_TYPES] = {
		[TCPT_EVENT_CONNECT] = "32",  [TCPT_EVENT_ACCEPT] = "36",
		[TCPT_EVENT_FAIL] = "31",     [TCPT_EVENT_FDINSTALL] = "35",
		[TCPT_EVENT_EXISTING] = "34",
	};
	bool forced = event->reason == TCPT_REASON_RESET || event->reason == TCPT_REASON_TIMEOUT;

	if (!strcmp(name, "type"))
		return colors[event->type];
	if (!strcmp(name, "errno") || (!strcmp(name, "note") && event->type == TCPT_EVENT_FAIL))
		return "31";
	return forced && (!strcmp(name, "note") || !strcmp(name, "reason")) ? "33" : NULL;
}

/* A line has room for one more cell. If it has not, the line ends before it. */
static bool has_room(const struct columns *columns, unsigned int i, const char *text, size_t used)
{
	return used + columns->width[i] + strlen(text) + 32 <= columns->line_max;
}

size_t columns_heading(const struct columns *columns, char *buf)
{
	struct spaces spaces = {};
	char *p = buf;

	for (unsigned int i = 0; i < columns->n; i++) {
		const char *text = table[columns->of[i]].heading;

		if (!has_room(columns, i, text, p - buf + spaces.pending))
			break;
		p = put_cell(p, columns, i, text, "1", &spaces);
	}
	*p++ = '\n';
	return p - buf;
}

static size_t format_lost(const struct columns *columns, const struct tcpt_event *event,
			  const char *when, char *buf)
{
	char line[TCPT_LINE_MAX];
	size_t size = tcpt_event_format_at(event, TCPT_FORMAT_TEXT, when, line);
	char *p;

	line[size ? size - 1 : 0] = '\0';
	p = put_colored(buf, line,
			!columns->color		       ? NULL :
			event->type == TCPT_EVENT_LOST ? "1;31" :
							 "1");
	*p++ = '\n';
	return p - buf;
}

size_t columns_format(const struct columns *columns, const struct tcpt_event *event,
		      const char *when, char *buf)
{
	struct spaces spaces = {};
	char text[CELL_SIZE], *p = buf;

	if (event->type == TCPT_EVENT_LOST || event->type == TCPT_EVENT_OVERWRITTEN)
		return format_lost(columns, event, when, buf);
	for (unsigned int i = 0; i < columns->n; i++) {
		write_cell(text, columns, i, event, when);
		if (!has_room(columns, i, text, p - buf + spaces.pending))
			break;
		p = put_cell(p, columns, i, text, color_of(event, table[columns->of[i]].name),
			     &spaces);
	}
	*p++ = '\n';
	return p - buf;
}
