/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares events with the deeds that they have to be about. */
#ifndef COMPARISON_H
#define COMPARISON_H

#include <stdbool.h>

#include "tcpt.h"
#include "text.h"

struct deeds;

struct comparison {
	struct deeds *deeds;
	bool knows_pid; /* process ids of events are those of this process's namespace */
	bool knows_fds; /* descriptors are reported */
	bool knows_acceptor; /* the task that accepts is reported */
	unsigned int due; /* events, once it has ended */
	unsigned int exact; /* of these, that came as they should */
	struct text wrong; /* a line for each that is missing, wrong or was not due */
};

/* Takes an event. Others may have connections beside these. */
void comparison_add(struct comparison *comparison, const struct tcpt_event *event);
/* Returns the number of deeds without an event. */
unsigned int comparison_missing(const struct comparison *comparison);
/* Adds the lines of those. */
void comparison_end(struct comparison *comparison);

#endif
