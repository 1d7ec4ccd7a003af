/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of open connections, one after the other: in order, and as text, JSON or tsv. */
#ifndef LISTING_H
#define LISTING_H

#include "cli.h"
#include "listing-columns.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

struct listing_options {
	enum tcpt_format format;
	const char *columns; /* a list of names; NULL: those that suit the width */
	const char *sort; /* a column; NULL: id, or with an interval rate */
	bool no_heading;
	enum terminal_color color;
	bool listeners;
	uint64_t interval_ms; /* between two lists; 0: there is one */
};

struct listing {
	const struct cli *cli;
	const struct listing_options *options;
	struct terminal terminal;
	const struct listing_column *columns[TABLE_COLUMNS_MAX];
	unsigned int n;
	const struct listing_column *sort;
	unsigned int resolve; /* what the columns need: bits of enum tcpt_resolve */
	bool has_begun; /* a heading of tsv was written */
	struct listed *before; /* the last list, in the order of ids */
	size_t before_count;
	uint64_t before_ns;
};

/* Opens a listing. Options that are wrong are misuse. */
void listing_open(struct listing *listing, const struct listing_options *options,
		  const struct cli *cli);
void listing_close(struct listing *listing);

/*
 * Adds the lines of a list to text. resolver finds what listing->resolve says; it may be NULL
 * if that is 0. Returns 0 or -ENOMEM.
 */
int listing_write(struct listing *listing, const struct tcpt_list *list,
		  struct tcpt_resolver *resolver, struct text *text);

#endif
