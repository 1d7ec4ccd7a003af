/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF helpers that this kernel lacks. */
#ifndef TCPT_HELPERS_H
#define TCPT_HELPERS_H

#include <linux/bpf.h>
#include <stdbool.h>

struct bpf_object;

/* Returns true if this kernel lacks the helper. If that cannot be known, returns false. */
bool helpers_lack(enum bpf_func_id helper);

/*
 * Replaces calls of helpers that this kernel lacks by the value 0. It is called before the
 * object is loaded.
 */
int helpers_replace_missing(struct bpf_object *object);

#endif
