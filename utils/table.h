/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table whose rows are all known. Each column is as wide as its widest cell. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"
#include "text.h"

#define TABLE_COLUMNS_MAX 32

struct table_column {
	const char *heading;
	bool right;
	bool has_port; /* what is cut of an address is not its port */
	unsigned int width; /* of its heading and cells, unless they are cut */
	bool can_cut; /* one of its cells is no number */
	const char *(*color)(const char *cell); /* returns what a color is for terminals, or NULL */
};

struct table {
	struct table_column columns[TABLE_COLUMNS_MAX];
	unsigned int n;
	bool no_heading;
	bool has_color; /* the heading is bold, and cells have the colors of their columns */
	char **cells; /* row by row */
	size_t used, room;
	bool lacks_memory; /* a cell is missing */
};

/* Adds a cell to the last row, or to a new one if that is full. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Gives the columns their widths. If the lines are wider than line, cells are cut as far as
 * they stay readable, but for numbers; 0: nothing is cut.
 */
void table_lay_out(struct table *table, unsigned int line);

/* Lays the table out, adds its lines to out, and frees its cells. */
void table_end(struct table *table, unsigned int line, struct text *out);

/* The same to stdout, uncut. Returns 0 or, after a message, a negative errno. */
int table_print(struct table *table, const struct cli *cli);

#endif
