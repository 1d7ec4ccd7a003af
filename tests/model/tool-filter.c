// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tcpt-filter, and what it selects. */
#include <stddef.h>
#include <string.h>

#include "maps.h"
#include "story.h"
#include "threads.h"
#include "tool.h"
#include "truth.h"

static uint32_t sorts_on(uint32_t key)
{
	return tool_control()->filters.keys >> key &
	       (TCPT_ABI_FILTER_SELECTED | TCPT_ABI_FILTER_HIDDEN);
}

static int has(uint32_t key, uint64_t value, uint64_t rest)
{
	const struct tcpt_abi_filter entry = { .key = key, .value = value, .rest = rest };

	return tool_lookup(MAP_FILTERS, &entry) != NULL;
}

static int selects(uint32_t key, uint64_t value, uint64_t rest)
{
	uint32_t sorts = sorts_on(key);

	if (sorts & TCPT_ABI_FILTER_HIDDEN && has(key + TCPT_ABI_FILTER_NOT, value, rest))
		return 0;
	return !(sorts & TCPT_ABI_FILTER_SELECTED) || has(key, value, rest);
}

int tool_selects(uint32_t key, uint64_t value)
{
	return selects(key, value, 0);
}

static int selects_comm(const char comm[TCPT_COMM_LEN])
{
	uint64_t halves[2];

	memcpy(halves, comm, sizeof(halves));
	return selects(TCPT_ABI_FILTER_COMM, halves[0], halves[1]);
}

/* The scenarios have networks of IPv4. */
static int is_in(const struct tcpt_abi_filter *entry, uint32_t address)
{
	uint32_t bits = entry->detail, mask = bits ? ~0U << (32 - bits) : 0;

	return !((__builtin_bswap32(entry->value) ^ __builtin_bswap32(address)) & mask);
}

static int selects_address(uint32_t key, const struct tcpt_abi_tuple *tuple, uint32_t address)
{
	uint32_t sorts = sorts_on(key), found = 0;
	const struct tcpt_abi_filter *entry;
	const void *value;

	for (int at = 0; sorts && (entry = map_next(MAP_FILTERS, &at, &value));)
		if (entry->key % TCPT_ABI_FILTER_NOT == key && tuple->family == 4 &&
		    is_in(entry, address))
			found |= entry->key == key ? TCPT_ABI_FILTER_SELECTED :
						     TCPT_ABI_FILTER_HIDDEN;
	return !((found ^ TCPT_ABI_FILTER_SELECTED) & sorts);
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
int tool_hides(const struct tcpt_abi_tuple *tuple, const struct tcpt_abi_task *task, int role)
{
	return !tool_selects(TCPT_ABI_FILTER_PID, task->pid) ||
	       !tool_selects(TCPT_ABI_FILTER_UID, task->pid ? task->uid : UINT64_MAX) ||
	       !selects_comm(task->comm) || !tool_selects(TCPT_ABI_FILTER_CGROUP, task->cgroup) ||
	       !tool_selects(TCPT_ABI_FILTER_NETNS, tuple->netns) ||
	       !tool_selects(TCPT_ABI_FILTER_FAMILY, tuple->family) ||
	       !tool_selects(TCPT_ABI_FILTER_ROLE, role) ||
	       !selects_address(TCPT_ABI_FILTER_SADDR, tuple, tuple->saddr[0]) ||
	       !tool_selects(TCPT_ABI_FILTER_SPORT, tuple->sport) ||
	       !selects_address(TCPT_ABI_FILTER_DADDR, tuple, tuple->daddr[0]) ||
	       !tool_selects(TCPT_ABI_FILTER_DPORT, tuple->dport);
}

/* ---- as libtcpt/trace/filters.c and filter-index.c ---- */

/* Returns the first word of the key's marks; -1 if it has none there. */
static int row_of(uint32_t key)
{
	switch (key) {
	case TCPT_ABI_FILTER_SPORT:
		return TCPT_ABI_MARKS_SPORT;
	case TCPT_ABI_FILTER_DPORT:
		return TCPT_ABI_MARKS_DPORT;
	case TCPT_ABI_FILTER_FAMILY:
	case TCPT_ABI_FILTER_ROLE:
		return TCPT_ABI_MARKS_KINDS;
	default:
		return -1;
	}
}

static void put_mark(enum map_id id, const void *key, uint32_t mark)
{
	if (mark)
		tool_update(id, key, &mark, 0);
	else
		tool_delete(id, key);
}

static void mark_network(uint32_t key, const struct tcpt_abi_filter *entry, uint32_t mark)
{
	struct tcpt_abi_network network = {
		.bits = TCPT_ABI_NETWORK_KEY + entry->detail,
		.key = key | 4 << TCPT_ABI_NETWORK_FAMILY,
		.address = { entry->value },
	};

	put_mark(MAP_NETWORKS, &network, mark);
}

/* No scenario selects and hides one and the same value. */
static void put_marks(const struct tcpt_abi_filter *entry, int is_set)
{
	uint32_t key = entry->key % TCPT_ABI_FILTER_NOT, word, shift, marks, *at;
	struct tcpt_abi_filter value = *entry;
	int row = row_of(key);

	value.key = key;
	marks = !is_set ? 0 : entry->key != key ? TCPT_ABI_FILTER_HIDDEN : TCPT_ABI_FILTER_SELECTED;
	if (key == TCPT_ABI_FILTER_SADDR || key == TCPT_ABI_FILTER_DADDR) {
		mark_network(key, entry, marks);
	} else if (row >= 0) {
		word = row + entry->value / TCPT_ABI_MARKS_IN_WORD;
		shift = key == TCPT_ABI_FILTER_ROLE ? TCPT_ABI_MARKS_OF_ROLES : 0;
		shift += entry->value % TCPT_ABI_MARKS_IN_WORD;
		at = tool_lookup(MAP_MARKS, &word);
		*at &= ~((TCPT_ABI_FILTER_SELECTED | TCPT_ABI_FILTER_HIDDEN) << shift);
		*at |= marks << shift;
	} else if (key < TCPT_ABI_FILTER_TYPE) {
		put_mark(MAP_VALUES, &value, marks);
	}
}

static void switch_to(const struct tcpt_abi_filter *entry, int is_on)
{
	struct tcpt_abi_switches *filters = &tool_control()->filters;
	uint32_t key = 1U << entry->key, types = 0;

	if (entry->key == TCPT_ABI_FILTER_TYPE)
		types = 1U << entry->value;
	else if (entry->key == TCPT_ABI_FILTER_TYPE + TCPT_ABI_FILTER_NOT)
		types = 1U << (entry->value + TCPT_ABI_TYPES_HIDDEN);
	filters->keys = is_on ? filters->keys | key : filters->keys & ~key;
	filters->types = is_on ? filters->types | types : filters->types & ~types;
}

static void begin(const struct tcpt_abi_filter *entry)
{
	uint8_t one = 1;

	tool_update(MAP_FILTERS, entry, &one, 0);
	put_marks(entry, 1);
	switch_to(entry, 1);
}

void tool_begin_filter(uint32_t key, uint64_t value)
{
	begin(&(struct tcpt_abi_filter){ .key = key, .value = value });
}

void tool_begin_network(uint32_t key, uint32_t address, uint32_t bits)
{
	begin(&(struct tcpt_abi_filter){ .key = key, .detail = bits, .value = address });
}

void tool_begin_comm(uint32_t key, int task)
{
	struct tcpt_abi_filter entry = { .key = key };

	memcpy(&entry.value, tasks[task].comm, sizeof(entry.value));
	memcpy(&entry.rest, tasks[task].comm + sizeof(entry.value), sizeof(entry.rest));
	begin(&entry);
}

/* Values are set before the key is switched on, and removed after it is switched off. */
void tool_add_filter(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };
	uint8_t one = 1;

	tool_update(MAP_FILTERS, &entry, &one, 0);
	put_marks(&entry, 1);
	free_point();
	truth_filters_change(0);
	switch_to(&entry, 1);
	truth_filters_change(1);
	say("filter: key %u has value %llu", key, (unsigned long long)value);
}

void tool_remove_filter(uint32_t key, uint64_t value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };

	truth_filters_change(0);
	switch_to(&entry, 0);
	truth_filters_change(1);
	say("filter: key %u has no value", key);
	free_point();
	put_marks(&entry, 0);
	tool_delete(MAP_FILTERS, &entry);
}
