/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reader of a pinned trace. */
#ifndef TCPT_READER_H
#define TCPT_READER_H

#include <sys/types.h>

#include "pins/pin.h"
#include "read/progress.h"

struct ring;
struct tcpt_abi_cursor;
struct tcpt_abi_meta;

struct tcpt_reader {
	int lock;
	struct ring *ring;
	uint32_t ring_number;
	uint32_t current_ring; /* number of the one in use */
	struct progress progress;
	struct tcpt_abi_cursor *cursors; /* mapped, of all taps */
	unsigned int cursor_count;
	int counters_map; /* where its counters are a copy, to look again; else -1 */
	uint64_t looked; /* when, ns */
	bool looks_once_more; /* the last look came before all was read, or found something */
	uint64_t identity; /* of the description that the following is from */
	pid_t keeper; /* process that holds the links, and can die; 0: none */
	uint64_t mended; /* when, ns */
	uint64_t warned; /* when, ns */
	uint64_t pace_ns; /* between two looks while it waits */
	unsigned long waited_at; /* what was acknowledged when it waited last */
	struct tcpt_log log;
	char pin[PIN_MAX];
};

/* How long a reader sleeps between two looks at the ring, in ns. */
#define READER_PACE_LEAST 1000000ULL
#define READER_PACE_MOST 10000000ULL
/* The next one, after one from which on so much was taken out of a ring of this size. */
uint64_t reader_wait_pace(uint64_t pace_ns, size_t taken, size_t size);

/* 1 if there is a record to hand out, 0 if there is none, or -errno. */
int reader_has_next(struct tcpt_reader *reader);

/* Notes what this says; it changes when the trace is replaced. */
void reader_trace_note(struct tcpt_reader *reader, const struct tcpt_abi_meta *meta,
		       uint64_t identity);
/* Whether what is at the path is still the trace that was opened. */
bool reader_trace_is_own(const struct tcpt_reader *reader);
/* Whether the trace has been replaced since this was last asked: its description is another one. */
bool reader_trace_is_replaced(struct tcpt_reader *reader);
/* The losses before this event, whose number shows that there are some. */
bool reader_losses_before(struct tcpt_reader *reader, const struct tcpt_event *event,
			  struct tcpt_event *loss);

#endif
