/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables that tcpt-watch --count prints: what is in them, and when one is due. */
#ifndef TABLES_H
#define TABLES_H

#include "cli.h"
#include "count.h"
#include "stream.h"

struct tables_options {
	const char *values; /* a list of names; NULL: there are no tables */
	uint64_t interval_ms; /* between two tables; 0: there is one, at the end */
};

struct tables {
	const struct cli *cli;
	const struct tables_options *options;
	struct count count;
	struct stream *out;
	const char *output; /* the name of the output, for messages */
	uint64_t since_ms; /* when the interval of the next table began */
	bool cannot_write;
};

/* Opens the tables. Values that are wrong are misuse. */
void tables_open(struct tables *tables, const struct tables_options *options,
		 enum tcpt_format format, bool has_heading, const struct cli *cli);

/* Begins the first interval. Tables are written to out, which messages call output. */
void tables_begin(struct tables *tables, struct stream *out, const char *output);

/* Writes a table if its interval is over. After a delay the intervals that passed are one. */
int tables_look(struct tables *tables);

/*
 * Writes the last table and returns 0, or err if that is an error, or one of its own. The
 * events in the table are in the trace no more, so it is also written after a failure.
 */
int tables_end(struct tables *tables, int err);

#endif
