/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The columns in which tcpt-list shows open connections. */
#ifndef LISTING_COLUMNS_H
#define LISTING_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "tcpt.h"

/* A connection, and what is known of it from two lists. */
struct listed {
	struct tcpt_connection connection;
	bool has_rate;
	uint64_t rate; /* bytes a second, both ways */
};

struct listing_column {
	const char *name, *heading;
	bool right;
	bool has_port;
	/* Returns what rows are ordered by; NULL: by the text. */
	uint64_t (*order)(const struct listed *listed);
	bool is_largest_first;
};

/* Returns column number i; NULL behind the last. */
const struct listing_column *listing_column_at(unsigned int i);
/* Returns its name; NULL behind the last. */
const char *listing_column_name(unsigned int i);
/* Returns the column whose name is the first size bytes; NULL: there is none. */
const struct listing_column *listing_column_find(const char *name, size_t size);

/*
 * Writes the cell of a column, with a NUL, into buf, which has room for TCPT_VALUE_MAX bytes;
 * "-" if the value is not known.
 */
void listing_column_write(const struct listing_column *column, const struct listed *listed,
			  char *buf);

/* Returns the color of a state on a terminal, or NULL. */
const char *listing_column_color(const char *state);

#endif
