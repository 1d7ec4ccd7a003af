// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which events the filters hide. */
#include "judge.h"

#include "maps.h"
#include "truth.h"

/* The role is known to the hooks that see a connection begin. */
#define KEYS_OF_TASKS                                                                          \
	((1U << TCPT_ABI_FILTER_PID | 1U << TCPT_ABI_FILTER_UID | 1U << TCPT_ABI_FILTER_COMM | \
	  1U << TCPT_ABI_FILTER_CGROUP | 1U << TCPT_ABI_FILTER_ROLE) *                         \
	 (1U | 1U << TCPT_ABI_FILTER_NOT))

int judge_is_type_hidden(int type)
{
	uint32_t types = tool_control()->filters.types;

	return types >> (type + TCPT_ABI_TYPES_HIDDEN) & 1 ||
	       (types & TCPT_ABI_TYPES_SELECTED && !(types >> type & 1));
}

/*
 * Where a hook was missed, or a map was full, the filters decide later, or once more: they
 * may have changed, or the task may be another one.
 */
enum filtered judge_filtered(const struct truth *truth)
{
	int is_open = world.stage.are_filters_changed ||
		      tool_control()->filters.keys & KEYS_OF_TASKS || map_count(MAP_LEFT_OUT);

	if (is_open && (world.stage.misses || truth->faults & ~FAULT_RING))
		return FILTERED_PERHAPS;
	return truth_filtered(truth);
}
