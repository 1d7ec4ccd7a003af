// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an edit of filters may ask for. */
#include "internal.h"
#include "maps/filter-list.h"
#include "tcpt_abi_filter.h"
#include "trace/filter.h"
#include "trace/filters-check.h"

/* This is the most that one edit may have. A filter may be named more than once. */
#define EDIT_MOST (64 * TCPT_ABI_FILTERS_MAX)

int filters_check(const struct tcpt_filter *list, size_t n, const struct tcpt_log *log)
{
	if (n > EDIT_MOST)
		return log_error(log, -E2BIG, "%zu filters are more than can be edited at once", n);
	if (n && !list)
		return log_error(log, -EINVAL, "no filters given: the argument is NULL");
	for (size_t i = 0; i < n; i++)
		if (!filter_is_valid(&list[i]))
			return log_error(log, -EINVAL, "filter %zu has no such key or value",
					 i + 1);
	return 0;
}

static bool is_network(const struct tcpt_filter *filter)
{
	return filter_list_is_address(filter->key) &&
	       filter->value < (filter->family == 4 ? 32 : 128);
}

/* A filter that no connection can match would hide everything. */
int filters_check_reach(struct filters_reach reach, const struct tcpt_filter *list, size_t n,
			const struct tcpt_log *log)
{
	for (size_t i = 0; i < n; i++) {
		if ((list[i].key == TCPT_FILTER_NETNS || list[i].key == TCPT_FILTER_NOT_NETNS) &&
		    !reach.netns)
			return log_error(log, -EOPNOTSUPP,
					 "a filter by netns needs offsets, and the trace has none");
		if (!reach.networks && is_network(&list[i]))
			return log_error(log, -EOPNOTSUPP,
					 "this kernel has no tries (Linux 4.11), which filters by "
					 "networks need; name the addresses one by one");
		if (list[i].key == TCPT_FILTER_WATCH && !reach.fds)
			return log_error(
				log, -EOPNOTSUPP,
				"no process can be watched: the trace has no hook for new "
				"descriptors; tcpt-load --probe shows which attach mode has "
				"one here");
	}
	return 0;
}
