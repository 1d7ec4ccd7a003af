/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF object of a trace. */
#ifndef TCPT_OBJECT_H
#define TCPT_OBJECT_H

#include <stdbool.h>

struct bpf_object;
struct tcpt_load_opts;
struct tcpt_log;
struct tcpt_trace;

/* Opens, sizes and loads the object; its programs are not attached yet. */
int object_load(struct tcpt_trace *trace, const struct tcpt_load_opts *opts,
		const struct tcpt_log *log);
/* Returns true if its filters by address can have networks. */
bool object_has_tries(const struct bpf_object *object);

#endif
