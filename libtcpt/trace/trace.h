/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What loading a trace and replacing one have in common. */
#ifndef TCPT_TRACE_H
#define TCPT_TRACE_H

#include "internal.h"
#include "tcpt_abi.h"

/* The trace that another one takes the place of. */
struct predecessor {
	int lock; /* on loading and unloading; -1: there is no predecessor */
	struct tcpt_abi_meta meta;
	struct tcpt_abi_control *control; /* mapped */
};

struct tcpt_trace {
	enum tcpt_attach attach;
	struct bpf_object *object;
	struct links links;
	int keeper; /* its lock; -1 if the links are pinned */
	uint32_t generation;
	uint32_t ring; /* number of its rings */
	uint32_t taps; /* that it has */
	int lock; /* on loading and unloading, while it is being loaded; -1: none */
	struct predecessor old;
	struct tcpt_log log;
	char pin[PIN_MAX];
};

/* ---- object.c ------------------------------------------------------------ */

/* Opens, sizes and loads the object; its programs are not attached yet. */
int object_load(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		const struct tcpt_log *log);

/* ---- replace.c ----------------------------------------------------------- */

/*
 * Opens the trace that is pinned there, and lets nobody else load or unload. -ENOENT:
 * there is none.
 */
int replace_open(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* Once it is done and unlocked: the filters that are given, in the place of those set. */
void replace_filters(const struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
void replace_close(struct tcpt_trace *trace);
/* The object's maps are to be the old ones, before it is loaded. */
int replace_reuse_maps(struct tcpt_trace *trace, const struct tcpt_load_opts *opts);
/* The programs are attached, and idle: pins them, and passes the turn on. */
int replace_take_over(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		      const struct tcpt_log *log);

/* The bit of a generation in the word control.turn. */
#define TURN_OF(generation) (1U << (generation) % TCPT_ABI_TURNS)

#endif
