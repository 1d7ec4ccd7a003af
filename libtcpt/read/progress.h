/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The progress of readers, in numbers of events. */
#ifndef TCPT_PROGRESS_H
#define TCPT_PROGRESS_H

#include "maps/words.h"
#include "tcpt.h"

struct tcpt_abi_cursor;

/* A cursor has one of these faults, of which the worst comes last. */
enum cursor_fault {
	CURSOR_GOOD,
	CURSOR_AHEAD, /* more events read than there were: two readers counted some of them */
	CURSOR_FORGED, /* more losses reported than there were: no reader can have left that */
};

struct progress_cpu {
	uint64_t newest; /* highest number of an event taken */
	uint64_t skipped; /* events reported as passed over */
	bool is_lapped; /* events were overwritten before this reader had taken them */
	bool is_unknown; /* it is not known how many events were accounted for before */
};

struct progress {
	unsigned int cpus;
	uint32_t tap; /* from 1 */
	struct words cursors; /* what is acknowledged, one for each CPU of each tap */
	struct words counters; /* only read */
	struct tcpt_abi_cursor *own; /* what is taken, acknowledged or not */
	struct progress_cpu *of;
};

/* Sets the tap, and has nothing open. */
void progress_none(struct progress *progress, uint32_t tap);
/*
 * Starts at the cursor; the caller has set cpus, cursors and counters. If the cursor is
 * ahead of the counters, this corrects it, and sets *fault to the worst that was wrong.
 */
int progress_init(struct progress *progress, enum cursor_fault *fault);
void progress_free(struct progress *progress);
/* These return true if there are losses that have not been reported, and set *event to them. */
bool progress_loss(struct progress *progress, unsigned int cpu, enum tcpt_where where,
		   struct tcpt_event *event);
bool progress_any_loss(struct progress *progress, struct tcpt_event *event);
/* Returns true if the event's number shows that events before it are missing. */
bool progress_skips(struct progress *progress, const struct tcpt_event *event);
/* Counts an event that has been taken. */
void progress_count(struct progress *progress, const struct tcpt_event *event);
/* Returns the number of the CPU's newest event. */
uint64_t progress_numbered(const struct progress *progress, unsigned int cpu);
/*
 * Counts the events before number oldest that were neither taken nor lost as overwritten.
 * Returns true if there are any, and sets *event to them. There may be a few more that have
 * greater numbers: they are missing in the end.
 */
bool progress_overwritten(struct progress *progress, unsigned int cpu, uint64_t oldest,
			  struct tcpt_event *event);
/*
 * Returns how many events of the CPU are neither taken nor counted as lost or overwritten;
 * negative if more were taken than there were. It is exact while no program runs.
 */
int64_t progress_missing(const struct progress *progress, unsigned int cpu);
/* Sets *event to count events that were passed over, or overwritten, and counts them. */
void progress_skip(struct progress *progress, unsigned int cpu, uint64_t count,
		   struct tcpt_event *event);
/* Counts the missing events as accounted for, without a report. */
void progress_forgive(struct progress *progress, unsigned int cpu, int64_t missing);
/* Stores what is taken into the cursor. */
void progress_ack(struct progress *progress);
/*
 * Says whether the next event is to wake the reader. Returns false if it cannot be said, and so
 * none will.
 */
bool progress_set_asleep(struct progress *progress, bool is_asleep);

#endif
