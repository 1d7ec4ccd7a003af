// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The filters of a trace as a list. The switches of the map control say which are set. */
#include "internal.h"
#include "maps/filter-list.h"
#include "maps/keys.h"

static const char *const names[TCPT_FILTER_KEYS] = {
	[TCPT_FILTER_PID] = "pid",
	[TCPT_FILTER_UID] = "uid",
	[TCPT_FILTER_CGROUP] = "cgroup",
	[TCPT_FILTER_NETNS] = "netns",
	[TCPT_FILTER_FAMILY] = "family",
	[TCPT_FILTER_SPORT] = "sport",
	[TCPT_FILTER_DPORT] = "dport",
	[TCPT_FILTER_TYPE] = "type",
	[TCPT_FILTER_NOT_PID] = "pid!",
	[TCPT_FILTER_NOT_UID] = "uid!",
	[TCPT_FILTER_NOT_CGROUP] = "cgroup!",
	[TCPT_FILTER_NOT_NETNS] = "netns!",
	[TCPT_FILTER_NOT_FAMILY] = "family!",
	[TCPT_FILTER_NOT_SPORT] = "sport!",
	[TCPT_FILTER_NOT_DPORT] = "dport!",
	[TCPT_FILTER_WATCH] = "watch",
};

TCPT_API const char *tcpt_filter_key_name(enum tcpt_filter_key key)
{
	return (size_t)key < TCPT_FILTER_KEYS ? names[key] : NULL;
}

struct tcpt_abi_switches filter_list_switches(const struct tcpt_abi_control *control)
{
	const uint64_t *at = (const void *)&control->filters;
	uint64_t word = __atomic_load_n(at, __ATOMIC_SEQ_CST);
	struct tcpt_abi_switches on;

	memcpy(&on, &word, sizeof(on));
	return on;
}

bool filter_list_is_on(struct tcpt_abi_switches on, const struct tcpt_filter *filter)
{
	if (filter->key >= TCPT_FILTER_KEYS || !(on.keys >> filter->key & 1))
		return false;
	return filter->key != TCPT_FILTER_TYPE ||
	       (filter->value < 32 && on.types >> filter->value & 1);
}

int filter_list_compare(const void *a, const void *b)
{
	const struct tcpt_filter *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

int filter_list_read(int map, struct tcpt_filter **out, size_t *count)
{
	struct tcpt_abi_filter entry, *at = NULL;
	struct tcpt_filter *list = calloc(TCPT_ABI_FILTERS_MAX, sizeof(*list));
	size_t n = 0;
	int err = 0;

	if (!list)
		return -ENOMEM;
	while (n < TCPT_ABI_FILTERS_MAX && !(err = key_next(map, at, &entry, sizeof(entry)))) {
		list[n].key = entry.key;
		list[n++].value = entry.value;
		at = &entry;
	}
	if (err && err != -ENOENT) {
		free(list);
		return err;
	}
	qsort(list, n, sizeof(*list), filter_list_compare);
	*out = list;
	*count = n;
	return 0;
}
