// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tcpt-filter, and what it selects. */
#include <stddef.h>
#include <string.h>

#include "maps.h"
#include "story.h"
#include "threads.h"
#include "tool.h"
#include "truth.h"

int tool_selects(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };

	struct tcpt_abi_filter hidden = { .key = key + TCPT_ABI_FILTER_NOT, .value = value };
	uint32_t keys = tool_control()->filters.keys;

	if (keys >> hidden.key & 1 && tool_lookup(MAP_FILTERS, &hidden))
		return 0;
	return !(keys >> key & 1) || tool_lookup(MAP_FILTERS, &entry);
}

uint64_t tool_selected(uint32_t key)
{
	const struct tcpt_abi_filter *entry;
	const void *value;

	for (int at = 0; (entry = map_next(MAP_FILTERS, &at, &value));)
		if (entry->key == key)
			return entry->value;
	return 0;
}

/* As libtcpt/maps/left-out.c, for a thread that guesses. */
void tool_leave_out(int task)
{
	struct tcpt_abi_thread thread = { .tid = tasks[task].pid };
	uint64_t until = UINT64_MAX;

	memcpy(thread.comm, tasks[task].comm, sizeof(thread.comm));
	tool_update(MAP_LEFT_OUT, &thread, &until, 0);
}

int tool_leaves_out(int task)
{
	struct tcpt_abi_thread thread = { .tid = tasks[task].pid };

	memcpy(thread.comm, tasks[task].comm, sizeof(thread.comm));
	return tool_lookup(MAP_LEFT_OUT, &thread) != NULL;
}

/* As filter_hides() of libtcpt. */
int tool_hides(const struct tcpt_abi_tuple *tuple, const struct tcpt_abi_task *task)
{
	return !tool_selects(TCPT_ABI_FILTER_PID, task->pid) ||
	       !tool_selects(TCPT_ABI_FILTER_UID, task->pid ? task->uid : UINT64_MAX) ||
	       !tool_selects(TCPT_ABI_FILTER_CGROUP, task->cgroup) ||
	       !tool_selects(TCPT_ABI_FILTER_NETNS, tuple->netns) ||
	       !tool_selects(TCPT_ABI_FILTER_FAMILY, tuple->family) ||
	       !tool_selects(TCPT_ABI_FILTER_SPORT, tuple->sport) ||
	       !tool_selects(TCPT_ABI_FILTER_DPORT, tuple->dport);
}

void tool_begin_filter(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };
	uint8_t one = 1;

	tool_update(MAP_FILTERS, &entry, &one, 0);
	tool_control()->filters.keys |= 1U << key;
	if (key == TCPT_ABI_FILTER_TYPE)
		tool_control()->filters.types |= 1U << value;
}

/* Values are set before the key is switched on, and removed after it is switched off. */
void tool_add_filter(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };
	uint8_t one = 1;

	tool_update(MAP_FILTERS, &entry, &one, 0);
	free_point();
	truth_filters_change(0);
	if (key == TCPT_ABI_FILTER_TYPE)
		tool_control()->filters.types |= 1U << value;
	tool_control()->filters.keys |= 1U << key;
	truth_filters_change(1);
	say("filter: key %u has value %llu", key, (unsigned long long)value);
}

void tool_remove_filter(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };

	truth_filters_change(0);
	if (key == TCPT_ABI_FILTER_TYPE)
		tool_control()->filters.types &= ~(1U << value);
	tool_control()->filters.keys &= ~(1U << key);
	truth_filters_change(1);
	say("filter: key %u has no value", key);
	free_point();
	tool_delete(MAP_FILTERS, &entry);
}
