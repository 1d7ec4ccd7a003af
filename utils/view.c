// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "view.h"

#include <stdio.h>

#include "suggestion.h"

/* The columns that suit a width, the widest first. */
static const struct choice {
	unsigned int width;
	const char *events;
	const char *summary;
} choices[] = {
	{ 160, "time,type,role,pid,uid,comm,local,remote,%snote",
	  "time,pid,uid,comm,local,remote,%sduration,sent,received,rtt,retransmits,reason" },
	{ 120, "time,type,pid,comm,local,remote,%snote",
	  "time,pid,comm,local,remote,%sduration,sent,received,rtt,reason" },
	{ 0, "time,type,pid,comm,local,remote,%snote",
	  "time,comm,local,remote,%sduration,sent,received,reason" },
};

static void choose(struct view *view, char *list, size_t size)
{
	unsigned int width = view->terminal.columns;
	const struct choice *choice = choices;

	while (width && width < choice->width)
		choice++;
	snprintf(list, size, view->options->summary ? choice->summary : choice->events,
		 view->has_netns ? "netns," : "");
}

/* Lays the columns out anew; the heading is due then. */
static void lay_out(struct view *view)
{
	char list[128], name[32];

	if (!view->options->columns) {
		choose(view, list, sizeof(list));
		columns_set(&view->columns, list, name);
	}
	columns_fit(&view->columns, view->terminal.columns);
	view->lines = 0;
}

static void refuse(const struct cli *cli, const char *option)
{
	cli_misuse(cli, "%s is for --format=text only", option);
}

static void check(const struct view_options *options, const struct cli *cli)
{
	if (options->time != WHEN_AS_USUAL && options->format != TCPT_FORMAT_TEXT &&
	    options->format != TCPT_FORMAT_TSV)
		cli_misuse(cli, "--time is for --format=text and --format=tsv only");
	if (options->resolve && options->format == TCPT_FORMAT_TCPTRACER)
		cli_misuse(cli, "--resolve is not for --format=tcptracer");
	if (options->format == TCPT_FORMAT_TEXT)
		return;
	if (options->columns)
		refuse(cli, "--columns");
	if (options->summary)
		refuse(cli, "--summary");
	if (options->no_heading)
		refuse(cli, "--no-heading");
	if (options->color == TERMINAL_COLOR_ALWAYS)
		refuse(cli, "--color=always");
}

static void begin_when(struct view *view)
{
	enum when_clock clock = view->options->time;

	if (clock == WHEN_AS_USUAL && view->options->format == TCPT_FORMAT_TEXT)
		clock = WHEN_LOCAL;
	when_begin(&view->when, clock, view->has_columns && view->terminal.is);
	view->columns.time_width = when_width(&view->when);
}

__attribute__((noreturn)) static void refuse_column(const struct cli *cli, const char *name)
{
	struct suggestion suggestion = suggestion_of(name, columns_name);

	cli_misuse(cli, "--columns: '%s' is no column, see Columns in tcpt-watch(8)%s", name,
		   suggestion.hint);
}

void view_open(struct view *view, const struct view_options *options, const struct cli *cli)
{
	char name[32];

	check(options, cli);
	*view = (struct view){ .options = options };
	view->columns.line_max = options->resolve ? TCPT_LINE_MAX : TCPT_LINE_PLAIN_MAX;
	terminal_ask(&view->terminal);
	view->has_netns = !view->terminal.is; /* columns that change would be none for a script */
	if (options->columns && columns_set(&view->columns, options->columns, name))
		refuse_column(cli, name);
	view->columns.color = terminal_has_color(&view->terminal, options->color);
	view->has_columns = options->format == TCPT_FORMAT_TEXT &&
			    (view->terminal.is || options->columns || options->summary ||
			     options->color == TERMINAL_COLOR_ALWAYS);
	begin_when(view);
	lay_out(view);
}

void view_look(struct view *view)
{
	unsigned int before = view->terminal.columns;

	if (!view->has_columns || !view->terminal.is)
		return;
	terminal_ask(&view->terminal);
	if (view->terminal.columns != before)
		lay_out(view);
}

/* Returns true if the last heading is about to leave the screen, or there was none yet. */
static bool is_due(const struct view *view)
{
	if (view->options->no_heading)
		return false;
	return !view->lines || (view->terminal.rows > 2 && view->lines >= view->terminal.rows - 1);
}

void view_begin(struct view *view)
{
	view->lines = 0;
}

size_t view_heading(struct view *view, char *buf)
{
	if (!view->has_columns)
		return view->options->no_heading ?
			       0 :
			       tcpt_event_heading_at(view->options->format, when_width(&view->when),
						     buf);
	if (!is_due(view))
		return 0;
	view->lines = 1;
	return columns_heading(&view->columns, buf);
}

/* The namespace is of interest once there is a second one. */
static void note_netns(struct view *view, const struct tcpt_event *event)
{
	if (view->options->columns || view->has_netns || !event->netns)
		return;
	if (!view->netns)
		view->netns = event->netns;
	if (view->netns == event->netns)
		return;
	view->has_netns = true;
	lay_out(view);
}

static size_t put_line(struct view *view, const struct tcpt_event *event, char *buf)
{
	const char *when = view->when.clock == WHEN_AS_USUAL ? NULL : view->when.text;

	if (!view->has_columns)
		return tcpt_event_format_at(event, view->options->format, when, buf);
	view->lines++;
	return columns_format(&view->columns, event, when, buf);
}

size_t view_format(struct view *view, const struct tcpt_event *event, char *buf)
{
	bool is_new_day = when_note(&view->when, event);
	size_t size = 0;

	if (view->has_columns) {
		note_netns(view, event);
		size = view_heading(view, buf);
	}
	if (is_new_day) {
		view->lines++;
		size += sprintf(buf + size, "-- %s --\n", view->when.day);
	}
	return size + put_line(view, event, buf + size);
}
