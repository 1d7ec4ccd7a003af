/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the processes of events are, or were. */
#ifndef TCPT_PROCESS_TABLE_H
#define TCPT_PROCESS_TABLE_H

#include <limits.h>
#include <stdbool.h>

#include "maps/words.h"

struct tcpt_event;
struct tcpt_log;

struct process_table {
	struct words words; /* the trace's table; no entries: it has none */
	bool sees_proc; /* /proc has the processes of events */
};

/* What is known of a process. Texts are empty, and numbers 0, if they are not known. */
struct process_known {
	uint32_t ppid;
	uint64_t started; /* CLOCK_MONOTONIC, ns */
	char comm[17];
	char exe[PATH_MAX];
};

#define PROCESS_TABLE_NONE          \
	{                           \
		.words = WORDS_NONE \
	}

/*
 * Takes the table of the trace pinned under pin, in place of the one before. Says in a message
 * if it has none: then only what is still there is known.
 */
void process_table_open(struct process_table *table, const char *pin, const struct tcpt_log *log);
void process_table_close(struct process_table *table);

/* Finds what the event's process was when the event happened. */
void process_table_find(const struct process_table *table, const struct tcpt_event *event,
			struct process_known *known);

#endif
