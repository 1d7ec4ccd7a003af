/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shows events as tcpt-watch does: as lines of a format, or in columns that fit a terminal. */
#ifndef VIEW_H
#define VIEW_H

#include "cli.h"
#include "columns.h"
#include "terminal.h"
#include "when.h"

struct view_options {
	enum tcpt_format format;
	const char *columns; /* a list of names; NULL: those that suit the width */
	bool summary; /* columns of a close are chosen */
	bool no_heading;
	enum terminal_color color;
	enum when_clock time;
	unsigned int resolve; /* bits of enum tcpt_resolve: events have these names */
};

struct view {
	const struct view_options *options;
	bool has_columns; /* and no lines of a format */
	struct terminal terminal;
	struct columns columns;
	struct when when;
	uint32_t netns; /* of the first event that has one */
	bool has_netns; /* there were several */
	unsigned int lines; /* since the heading; 0: the heading is due */
};

/* Opens a view, which uses the options from then on. Options that are wrong are misuse. */
void view_open(struct view *view, const struct view_options *options, const struct cli *cli);

/* Looks whether the terminal has another size now. */
void view_look(struct view *view);

/* Makes the heading due, for another file. */
void view_begin(struct view *view);

/* Writes the heading if one is due now, before any event. */
size_t view_heading(struct view *view, char *buf);

/* Writes the line of an event, behind a heading if one is due and the day if it is new. */
size_t view_format(struct view *view, const struct tcpt_event *event, char *buf);

#endif
