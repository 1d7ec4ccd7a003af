/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an edit of filters may ask for. */
#ifndef TCPT_FILTERS_CHECK_H
#define TCPT_FILTERS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct tcpt_filter;
struct tcpt_log;

/* Checks that all are filters. Returns -EINVAL or -E2BIG, with a message, if not. */
int filters_check(const struct tcpt_filter *list, size_t n, const struct tcpt_log *log);
/* What the programs of a trace know. */
struct filters_reach {
	bool netns;
	bool networks; /* of addresses; else whole addresses only */
	bool fds; /* new descriptors */
};

/* Returns -EOPNOTSUPP, with a message, if the programs do not know what a filter asks for. */
int filters_check_reach(struct filters_reach reach, const struct tcpt_filter *list, size_t n,
			const struct tcpt_log *log);

#endif
