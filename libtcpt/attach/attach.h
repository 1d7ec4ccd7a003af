/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attaching the programs of a mode. */
#ifndef TCPT_ATTACH_H
#define TCPT_ATTACH_H

#include "tcpt.h"

struct bpf_object;
struct links;
struct records;
struct tcpt_offsets;

/* Where this kernel's tracepoint records have what the mode's programs read. */
int attach_records(enum tcpt_attach mode, struct records *records, const struct tcpt_log *log);
/*
 * Finds the mode's hooks, only those whose links can be pinned unless they are
 * to be held, and leaves on the programs for these. -EOPNOTSUPP and a message
 * if this kernel lacks one that is required.
 */
int attach_prepare(struct bpf_object *object, enum tcpt_attach mode, bool hold, struct links *links,
		   const struct tcpt_log *log);
/* Attaches what has been prepared, once it is loaded. */
int attach_programs(struct bpf_object *object, struct links *links, const struct tcpt_log *log);
/* The modes from the one that misses least; among equals, the cheapest first. */
#define ATTACH_MODES 3
extern const enum tcpt_attach attach_order[ATTACH_MODES];
/* -EOPNOTSUPP and a message if the offsets lack a field that the mode reads. */
int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log);

#endif
