/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF helpers that this kernel lacks. */
#ifndef TCPT_HELPERS_H
#define TCPT_HELPERS_H

struct bpf_object;

/*
 * Replaces calls of helpers that this kernel lacks by the value 0. It is called before the
 * object is loaded.
 */
int helpers_replace_missing(struct bpf_object *object);

#endif
