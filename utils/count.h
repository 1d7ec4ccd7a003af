/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts events that have the same values, in a table of limited size. */
#ifndef COUNT_H
#define COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpt.h"

#define COUNT_VALUES_MAX 8
#define COUNT_ROWS_MAX 10000

struct count_row;

struct count {
	unsigned int of[COUNT_VALUES_MAX]; /* the values, as numbers of tcpt_value_name() */
	unsigned int n;
	enum tcpt_format format; /* text, JSON or tsv */
	bool has_heading; /* in text */
	unsigned int columns; /* of the terminal, which text has to fit; 0: it is none */
	bool repeats; /* there are several tables, one after the other */
	size_t most; /* rows */
	void *tree; /* the rows, by their values */
	struct count_row **rows;
	size_t used, room;
	uint64_t other; /* events for which there is no row */
	uint64_t lost[TCPT_WHERES];
	uint64_t overwritten;
	uint64_t tables; /* that were made */
};

/*
 * Sets the values to this list of names. Returns 0; -EINVAL and the name that is none;
 * -EEXIST and the name that comes twice; -E2BIG if there are more than COUNT_VALUES_MAX.
 */
int count_set(struct count *count, const char *list, char name[32]);

/* Counts an event, or what it says is lost. If memory is short it is one of the others. */
void count_add(struct count *count, const struct tcpt_event *event);

/*
 * Returns a table in lines of at most TCPT_LINE_MAX bytes, and counts anew from then on: the
 * most frequent first, and of the same count in the order of their values. The caller frees
 * it. NULL and errno: the counts stay.
 */
char *count_table(struct count *count);

#endif
