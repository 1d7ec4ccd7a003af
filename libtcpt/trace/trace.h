/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A trace that is being loaded. */
#ifndef TCPT_TRACE_H
#define TCPT_TRACE_H

#include "attach/links.h"
#include "maps/words.h"
#include "offsets/offsets.h"
#include "pins/pin.h"
#include "tcpt.h"
#include "tcpt_abi.h"
#include "trace/layout.h"

struct bpf_object;

/* The trace that another one takes the place of. */
struct predecessor {
	int lock; /* on loading and unloading; -1: there is no predecessor */
	struct tcpt_abi_meta meta;
	struct words control;
};

struct tcpt_trace {
	enum tcpt_attach attach;
	struct tcpt_offsets offsets; /* that its programs use */
	struct bpf_object *object;
	struct links links;
	int hold_lock; /* of the keeper, which is this process; -1 if the links are pinned */
	uint32_t generation;
	uint32_t ring; /* number of its rings */
	struct layout layout; /* of its rings */
	uint32_t taps; /* that it has */
	bool processes; /* it has a table of processes */
	int lock; /* on loading and unloading, while it is being loaded; -1: none */
	struct predecessor old;
	struct tcpt_log log;
	char pin[PIN_MAX];
};

#endif
