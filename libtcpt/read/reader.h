/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reader of a pinned trace. */
#ifndef TCPT_READER_H
#define TCPT_READER_H

#include <sys/types.h>

#include "pins/pin.h"
#include "read/netns-cookies.h"
#include "read/progress.h"
#include "read/times.h"

struct store;
struct tcpt_abi_meta;

struct tcpt_reader {
	int lock;
	struct store *ring;
	uint32_t ring_number;
	uint32_t current_ring; /* number of the one in use */
	struct progress progress;
	uint64_t looked; /* time of the last look at the counters, ns */
	bool looks_once_more; /* the last look came before all was read, or found something */
	bool peeks; /* it leaves all where it is */
	uint64_t identity; /* of the description that keeper is from */
	pid_t keeper; /* process id of the keeper; 0: the links are pinned */
	uint64_t mended; /* time of the last attempt to end a replacement, ns */
	uint64_t warned; /* time of the last warning, ns */
	uint64_t pace_ns; /* between two looks while it waits */
	uint64_t found_ns; /* when there was something to read last, or the first wait */
	unsigned long waited_at; /* the position acknowledged when it waited last */
	struct times times;
	struct netns_cookies netns;
	uint64_t loaded; /* this and what follows, as the description says */
	uint32_t attach;
	char version[16];
	char boot_id[40];
	bool is_described; /* the caller has had the description of the trace */
	struct tcpt_log log;
	char pin[PIN_MAX];
};

/* The least and the most time between two looks at the ring, in ns. */
#define READER_PACE_LEAST 1000000ULL
#define READER_PACE_MOST 10000000ULL
/* How long there has to be nothing before the reader sleeps until an event wakes it, in ns. */
#define READER_IDLE 20000000ULL
/* The longest sleep, in ns: the trace may go on in another ring, which does not wake it. */
#define READER_SLEEP_MOST 500000000ULL
/* Returns the next pace, after taken bytes left a ring of this size at the last pace. */
uint64_t reader_wait_pace(uint64_t pace_ns, size_t taken, size_t size);

/* Returns 1 if there is a record to take, 0 if there is none, or a negative errno. */
int reader_has_next(struct tcpt_reader *reader);

/* Notes what a description says; it changes when the trace is replaced. */
void reader_trace_note(struct tcpt_reader *reader, const struct tcpt_abi_meta *meta,
		       uint64_t identity);
/* Returns true if the trace at the path is still the one that was opened. */
bool reader_trace_is_own(const struct tcpt_reader *reader);
/* Returns true if the trace was replaced since the last call: its description is another one. */
bool reader_trace_is_replaced(struct tcpt_reader *reader);
/*
 * Returns true if events before this one were lost, as its number shows, or overwritten, and
 * sets *loss.
 */
bool reader_losses_before(struct tcpt_reader *reader, const struct tcpt_event *event,
			  struct tcpt_event *loss);

#endif
