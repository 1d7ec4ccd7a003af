/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The filters of a trace. */
#ifndef TCPT_FILTERS_H
#define TCPT_FILTERS_H

#include <stddef.h>

struct tcpt_filter;
struct tcpt_log;

/* Sets the filters of a trace that is not pinned yet. map and control are descriptors. */
int filters_init(int map, int control, const struct tcpt_filter *list, size_t n,
		 const struct tcpt_log *log);

#endif
