/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How far readers have come, in numbers. */
#ifndef TCPT_PROGRESS_H
#define TCPT_PROGRESS_H

#include "tcpt.h"

struct tcpt_abi_counters;
struct tcpt_abi_cursor;

/* What a cursor says that cannot be, from the least that follows to the most. */
enum cursor_fault {
	CURSOR_GOOD,
	CURSOR_AHEAD, /* more events read than there were: some were counted by two readers */
	CURSOR_FORGED, /* more losses told of than there were: no reader has left that */
};

struct progress_cpu {
	uint64_t newest; /* number of an event handed out */
	uint64_t skipped; /* told of */
	bool is_unknown; /* how many events were accounted for before */
};

struct progress {
	unsigned int cpus;
	uint32_t tap; /* from 1 */
	struct tcpt_abi_cursor *cursor; /* mapped, one a CPU: acknowledged */
	struct tcpt_abi_counters *counters; /* only read; mapped, or a copy */
	struct tcpt_abi_cursor *own; /* handed out */
	struct progress_cpu *of;
};

/*
 * Goes on at the cursor; the rest is set by the caller. A cursor ahead of the
 * counters is put right, and *fault says what the worst of it was.
 */
int progress_init(struct progress *progress, enum cursor_fault *fault);
void progress_free(struct progress *progress);
/* Whether there are losses that have not been handed out; then they are, by *event. */
bool progress_loss(struct progress *progress, unsigned int cpu, enum tcpt_where where,
		   struct tcpt_event *event);
bool progress_any_loss(struct progress *progress, struct tcpt_event *event);
/* Whether events before this one are missing, as far as its number shows. */
bool progress_skips(struct progress *progress, const struct tcpt_event *event);
/* This one has been handed out. */
void progress_count(struct progress *progress, const struct tcpt_event *event);
/* The number of the CPU's newest event. */
uint64_t progress_numbered(const struct progress *progress, unsigned int cpu);
/*
 * How many events of the CPU are neither handed out nor told of as lost, negative
 * if more were handed out than there were. Exact while nothing is under way.
 */
int64_t progress_missing(const struct progress *progress, unsigned int cpu);
/* Tells of these. */
void progress_skip(struct progress *progress, unsigned int cpu, uint64_t count,
		   struct tcpt_event *event);
/* So many as are missing are no more: nothing is known of them. */
void progress_forgive(struct progress *progress, unsigned int cpu, int64_t missing);
void progress_ack(struct progress *progress);

#endif
