/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Helpers that this kernel lacks. */
#ifndef TCPT_HELPERS_H
#define TCPT_HELPERS_H

struct bpf_object;

/* Calls of helpers that this kernel lacks become the value 0. Before the object is loaded. */
int helpers_replace_missing(struct bpf_object *object);

#endif
