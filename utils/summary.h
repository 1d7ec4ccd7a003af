/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who had connections with whom, and how they ended: one line for each program, role, remote
 * address, port and outcome. The lines come in one order, whatever the order of events was.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"
#include "text.h"

struct summary {
	void *conns; /* a tree of those that are open, by their ids */
	void *tree; /* the lines, by their keys */
	struct summary_line **lines;
	size_t used, room;
	uint64_t lost; /* events and connections of which a line may be missing */
	bool lacks_memory; /* the same */
};

/* Adds an event. Losses of a trace are events too. */
void summary_add(struct summary *summary, const struct tcpt_event *event);

/* Adds what is still open, sorts the lines, and ends the adding. */
void summary_end(struct summary *summary);

/* Returns the lines in a format: text, JSON or tsv. The caller frees it; NULL: ENOMEM. */
char *summary_format(const struct summary *summary, enum tcpt_format format, bool has_heading);

void summary_free(struct summary *summary);

/* ---- a summary that is expected ---- */

struct summary_expected {
	char **lines; /* the first five columns of each */
	size_t used, room;
};

/* Reads a summary, in text or tsv. Returns 0, or -errno after a message. */
int summary_read(struct summary_expected *expected, const char *path, const struct cli *cli);

/*
 * Writes the lines that were not expected behind "+ ", and those that were expected and did
 * not come behind "- ". Returns the number of the former.
 */
size_t summary_compare(const struct summary *summary, const struct summary_expected *expected,
		       struct text *out);

void summary_expected_free(struct summary_expected *expected);

#endif
