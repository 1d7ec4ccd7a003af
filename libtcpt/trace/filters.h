/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The filters of a trace. */
#ifndef TCPT_FILTERS_H
#define TCPT_FILTERS_H

#include <stddef.h>

struct bpf_object;
struct tcpt_filter;
struct tcpt_log;

/* Sets the filters of a trace that is loaded, and not pinned yet. */
int filters_init(const struct bpf_object *object, const struct tcpt_filter *list, size_t n,
		 const struct tcpt_log *log);

#endif
