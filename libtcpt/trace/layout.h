/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rings of a trace that is being loaded. */
#ifndef TCPT_LAYOUT_H
#define TCPT_LAYOUT_H

#include "maps/slots-layout.h"
#include "tcpt.h"

struct tcpt_trace;

struct layout {
	enum tcpt_store store; /* never TCPT_STORE_AUTO */
	bool is_recorder;
	bool is_kept; /* the rings are those of the trace that is replaced */
	uint32_t entries; /* of the map of a ring */
	struct slots_layout slots; /* of a ring of slots */
};

/*
 * Chooses kind and size of the rings, and their number in the trace. levels is that of the
 * programs for a ring of slots. -EOPNOTSUPP, with a message: the kernel has no such rings.
 */
int layout_choose(struct tcpt_trace *trace, const struct tcpt_load_opts *opts, uint32_t levels,
		  const struct tcpt_log *log);
/* Returns the number of entries of the ring of a tap, which the trace may not have. */
uint32_t layout_entries(const struct tcpt_trace *trace, uint32_t tap);
/* Writes what new rings begin with, after they were loaded. */
int layout_begin(const struct tcpt_trace *trace);
/* Returns how many events without more than the least size one processor can fill a ring with. */
size_t layout_room(const struct tcpt_trace *trace);

#endif
