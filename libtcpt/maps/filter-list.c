// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The filters of a trace as a list. The switches of the map control say which are set. */
#include "internal.h"
#include "maps/filter-list.h"
#include "maps/keys.h"

static const char *const names[TCPT_FILTER_KEYS] = {
	[TCPT_FILTER_PID] = "pid",	    [TCPT_FILTER_UID] = "uid",
	[TCPT_FILTER_COMM] = "comm",	    [TCPT_FILTER_CGROUP] = "cgroup",
	[TCPT_FILTER_NETNS] = "netns",	    [TCPT_FILTER_FAMILY] = "family",
	[TCPT_FILTER_ROLE] = "role",	    [TCPT_FILTER_SADDR] = "saddr",
	[TCPT_FILTER_SPORT] = "sport",	    [TCPT_FILTER_DADDR] = "daddr",
	[TCPT_FILTER_DPORT] = "dport",	    [TCPT_FILTER_TYPE] = "type",
	[TCPT_FILTER_NOT_PID] = "pid!",	    [TCPT_FILTER_NOT_UID] = "uid!",
	[TCPT_FILTER_NOT_COMM] = "comm!",   [TCPT_FILTER_NOT_CGROUP] = "cgroup!",
	[TCPT_FILTER_NOT_NETNS] = "netns!", [TCPT_FILTER_NOT_FAMILY] = "family!",
	[TCPT_FILTER_NOT_ROLE] = "role!",   [TCPT_FILTER_NOT_SADDR] = "saddr!",
	[TCPT_FILTER_NOT_SPORT] = "sport!", [TCPT_FILTER_NOT_DADDR] = "daddr!",
	[TCPT_FILTER_NOT_DPORT] = "dport!", [TCPT_FILTER_NOT_TYPE] = "type!",
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

enum tcpt_filter_key filter_list_sort(enum tcpt_filter_key key, bool *is_hidden)
{
	*is_hidden = key >= TCPT_FILTER_NOT_PID && key <= TCPT_FILTER_NOT_TYPE;
	return *is_hidden ? key - TCPT_ABI_FILTER_NOT : key;
}

bool filter_list_is_on(struct tcpt_abi_switches on, const struct tcpt_filter *filter)
{
	uint64_t type = filter->value;
	bool is_hidden;

	if (filter->key >= TCPT_FILTER_KEYS || !(on.keys >> filter->key & 1))
		return false;
	if (filter_list_sort(filter->key, &is_hidden) != TCPT_FILTER_TYPE)
		return true;
	return type < TCPT_ABI_TYPES_HIDDEN &&
	       on.types >> (type + (is_hidden ? TCPT_ABI_TYPES_HIDDEN : 0)) & 1;
}

bool filter_list_is_address(enum tcpt_filter_key key)
{
	bool is_hidden;

	key = filter_list_sort(key, &is_hidden);
	return key == TCPT_FILTER_SADDR || key == TCPT_FILTER_DADDR;
}

static bool has_bytes(enum tcpt_filter_key key)
{
	return filter_list_is_address(key) || key == TCPT_FILTER_COMM ||
	       key == TCPT_FILTER_NOT_COMM;
}

struct tcpt_abi_filter filter_list_entry(const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter entry = { .key = filter->key, .value = filter->value };

	if (has_bytes(filter->key)) {
		memcpy(&entry.value, filter->bytes, sizeof(entry.value));
		memcpy(&entry.rest, filter->bytes + sizeof(entry.value), sizeof(entry.rest));
	}
	entry.detail = filter->last;
	if (filter_list_is_address(filter->key))
		entry.detail = filter->value | filter->family << TCPT_ABI_FILTER_FAMILY_OF;
	return entry;
}

static struct tcpt_filter filter_of(const struct tcpt_abi_filter *entry)
{
	struct tcpt_filter filter = { .key = entry->key, .value = entry->value };
	bool is_hidden;

	if (has_bytes(filter.key)) {
		memcpy(filter.bytes, &entry->value, sizeof(entry->value));
		memcpy(filter.bytes + sizeof(entry->value), &entry->rest, sizeof(entry->rest));
		filter.value = 0;
	}
	if (filter_list_sort(filter.key, &is_hidden) == TCPT_FILTER_COMM)
		filter.bytes[TCPT_COMM_LEN - 1] = '\0';
	if (filter_list_is_address(filter.key)) {
		filter.value = entry->detail & ((1U << TCPT_ABI_FILTER_FAMILY_OF) - 1);
		filter.family = entry->detail >> TCPT_ABI_FILTER_FAMILY_OF;
	} else {
		filter.last = entry->detail;
	}
	return filter;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int filter_list_compare(const void *a, const void *b)
{
	const struct tcpt_filter *x = a, *y = b;

	return compare(x->key, y->key)				    ?:
		       compare(x->family, y->family)		    ?:
		       memcmp(x->bytes, y->bytes, sizeof(x->bytes)) ?:
		       compare(x->value, y->value)		    ?:
								      compare(x->last, y->last);
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
		list[n++] = filter_of(&entry);
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
