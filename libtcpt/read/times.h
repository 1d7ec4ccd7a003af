/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The times of events by the clock that people read. */
#ifndef TCPT_TIMES_H
#define TCPT_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct tcpt_abi_meta;
struct tcpt_abi_event;
struct tcpt_event;

/*
 * All of these are in nanoseconds. The offsets are CLOCK_REALTIME - CLOCK_MONOTONIC of
 * the kernel.
 */
struct times {
	int64_t loaded_offset; /* when the trace was loaded */
	int64_t loaded_tai; /* CLOCK_TAI - CLOCK_REALTIME then */
	int64_t offset; /* as of the last look */
	int64_t tai;
	uint64_t since; /* CLOCK_MONOTONIC: the offset has not changed from then on */
	int64_t namespace_ns; /* what the time namespace adds to CLOCK_MONOTONIC */
};

/* Begins with what the description says, and looks at the clocks. */
void times_begin(struct times *times, const struct tcpt_abi_meta *meta);
/* Looks at the clocks again. It does so in each round of reading. */
void times_look(struct times *times);
/* Sets both times of an event to now. */
void times_set_now(struct times *times, struct tcpt_event *event);
/* Returns CLOCK_REALTIME of the record; 0 if it is not known. */
uint64_t times_of(const struct times *times, const struct tcpt_abi_event *record);

#endif
