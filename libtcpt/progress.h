/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How far readers have come, in numbers. */
#ifndef TCPT_PROGRESS_H
#define TCPT_PROGRESS_H

#include "internal.h"

struct tcpt_abi_cursor;
struct tcpt_abi_counters;

struct progress {
	unsigned int cpus;
	uint32_t tap; /* from 1 */
	struct tcpt_abi_cursor *cursor; /* mapped, one a CPU: acknowledged */
	struct tcpt_abi_counters *counters; /* only read; mapped, or a copy */
	struct tcpt_abi_cursor *own; /* handed out */
};

/* Goes on at the cursor; the rest is set by the caller. */
int progress_init(struct progress *progress);
void progress_free(struct progress *progress);
/* Whether there are losses that have not been handed out; then they are, by *event. */
bool progress_loss(struct progress *progress, unsigned int cpu, enum tcpt_where where,
		   struct tcpt_event *event);
bool progress_any_loss(struct progress *progress, struct tcpt_event *event);
/* Whether events before this one are missing, as far as its number shows. */
bool progress_skips(struct progress *progress, const struct tcpt_event *event);
void progress_ack(struct progress *progress);

#endif
