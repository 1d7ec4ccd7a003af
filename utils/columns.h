/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events as columns that fit a terminal. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "tcpt.h"

#define COLUMNS_MAX 50

struct columns {
	unsigned int of[COLUMNS_MAX]; /* the columns, as numbers in the table of columns.c */
	unsigned int width[COLUMNS_MAX];
	unsigned int n;
	unsigned int line_max; /* bytes of a line; 0: TCPT_LINE_PLAIN_MAX */
	unsigned int time_width; /* of a whole time; 0: that of one since the boot */
	bool cuts; /* values that are too wide are cut */
	bool color;
};

/* Returns the name of column number i; NULL behind the last. */
const char *columns_name(unsigned int i);

/* Sets the columns to this list of names. Returns 0, or -EINVAL and the name that is none. */
int columns_set(struct columns *columns, const char *list, char name[32]);

/*
 * Makes the columns fit a line of width, if the least that they need does. A width of 0
 * has no end: each column is as wide as its values usually are, and nothing is cut.
 */
void columns_fit(struct columns *columns, unsigned int width);

/*
 * Each writes a line with its newline into buf, which has room for TCPT_LINE_MAX bytes, and
 * returns its length. when is the event's time; NULL: the seconds since boot.
 */
size_t columns_heading(const struct columns *columns, char *buf);
size_t columns_format(const struct columns *columns, const struct tcpt_event *event,
		      const char *when, char *buf);

#endif
