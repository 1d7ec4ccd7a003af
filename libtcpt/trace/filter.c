// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Filters: which values there are, and the check that they hide a connection. */
#include <limits.h>

#include "internal.h"
#include "maps/filter-list.h"
#include "tcpt_abi.h"
#include "trace/filter-index.h"
#include "trace/filter.h"

static const struct {
	uint64_t least, most; /* of the value */
} keys[TCPT_FILTER_KEYS] = {
	[TCPT_FILTER_PID] = { 1, INT_MAX },
	[TCPT_FILTER_UID] = { 0, UINT32_MAX - 1 },
	[TCPT_FILTER_COMM] = { 0, 0 },
	[TCPT_FILTER_CGROUP] = { 1, UINT64_MAX },
	[TCPT_FILTER_NETNS] = { 1, UINT32_MAX },
	[TCPT_FILTER_FAMILY] = { 4, 6 },
	[TCPT_FILTER_ROLE] = { TCPT_ROLE_CLIENT, TCPT_ROLE_SERVER },
	[TCPT_FILTER_SADDR] = { 0, 128 },
	[TCPT_FILTER_SPORT] = { 0, UINT16_MAX },
	[TCPT_FILTER_DADDR] = { 0, 128 },
	[TCPT_FILTER_DPORT] = { 0, UINT16_MAX },
	[TCPT_FILTER_TYPE] = { TCPT_EVENT_CONNECT, TCPT_EVENT_EXISTING },
	[TCPT_FILTER_WATCH] = { 1, INT_MAX },
};

static bool is_port(enum tcpt_filter_key key)
{
	return key == TCPT_FILTER_SPORT || key == TCPT_FILTER_DPORT;
}

bool filter_is_network(const struct tcpt_filter *filter)
{
	struct tcpt_filter network = *filter;

	if ((filter->family != 4 && filter->family != 6) ||
	    filter->value > (filter->family == 4 ? 32 : 128))
		return false;
	filter_mask(&network);
	return !memcmp(network.bytes, filter->bytes, sizeof(network.bytes));
}

void filter_mask(struct tcpt_filter *filter)
{
	for (uint64_t bit = filter->value; bit < 8 * sizeof(filter->bytes); bit++)
		filter->bytes[bit / 8] &= ~(0x80 >> bit % 8);
}

/* A name is not empty, and ends within its room. */
static bool is_name(const struct tcpt_filter *filter)
{
	return filter->bytes[0] && memchr(filter->bytes, '\0', sizeof(filter->bytes));
}

bool filter_is_valid(const struct tcpt_filter *filter)
{
	enum tcpt_filter_key key;
	bool is_hidden;

	if (!tcpt_filter_key_name(filter->key))
		return false;
	key = filter_list_sort(filter->key, &is_hidden);
	if (filter->value < keys[key].least || filter->value > keys[key].most)
		return false;
	if (filter->last && (!is_port(key) || filter->last <= filter->value))
		return false;
	if (key == TCPT_FILTER_COMM)
		return is_name(filter);
	if (filter_list_is_address(key))
		return filter_is_network(filter);
	return key != TCPT_FILTER_FAMILY || filter->value != 5;
}

/* ---- hiding, the same as decide() of bpf/filter.h ---- */

/* Sets filter to the single value of a key that a connection has. Returns false if none has. */
static bool value_of(enum tcpt_filter_key key, const struct tcpt_abi_conn *conn,
		     struct tcpt_filter *filter)
{
	const struct tcpt_abi_tuple *tuple = &conn->tuple;

	*filter = (struct tcpt_filter){ .key = key };
	switch (key) {
	case TCPT_FILTER_PID:
		filter->value = conn->opener.pid;
		return true;
	case TCPT_FILTER_UID:
		filter->value = conn->opener.pid ? conn->opener.uid : UINT64_MAX; /* nobody's */
		return true;
	case TCPT_FILTER_COMM:
		memcpy(filter->bytes, conn->opener.comm, sizeof(filter->bytes));
		return true;
	case TCPT_FILTER_CGROUP:
		filter->value = conn->opener.cgroup;
		return true;
	case TCPT_FILTER_NETNS:
		filter->value = tuple->netns;
		return true;
	case TCPT_FILTER_ROLE:
		filter->value = conn->role;
		return true;
	case TCPT_FILTER_FAMILY:
		filter->value = tuple->family;
		return true;
	case TCPT_FILTER_SADDR:
	case TCPT_FILTER_DADDR:
		filter->family = tuple->family;
		filter->value = tuple->family == 4 ? 32 : 128;
		memcpy(filter->bytes, key == TCPT_FILTER_SADDR ? tuple->saddr : tuple->daddr,
		       sizeof(filter->bytes));
		return true;
	case TCPT_FILTER_SPORT:
		filter->value = tuple->sport;
		return true;
	case TCPT_FILTER_DPORT:
		filter->value = tuple->dport;
		return true;
	default:
		return false;
	}
}

static bool matches(const struct tcpt_filter *filter, const struct tcpt_filter *value)
{
	if (filter_list_is_address(value->key))
		return filter_index_contains(filter, value);
	if (value->key == TCPT_FILTER_COMM)
		return !memcmp(filter->bytes, value->bytes, sizeof(value->bytes));
	return value->value >= filter->value &&
	       value->value <= (filter->last ? filter->last : filter->value);
}

/* Returns true if the key alone hides a connection that has this value of it. */
static bool hides(const struct tcpt_filter *filters, size_t n, const struct tcpt_filter *value)
{
	bool any = false, is_selected = false, is_hidden;

	for (size_t i = 0; i < n; i++) {
		if (filter_list_sort(filters[i].key, &is_hidden) != value->key)
			continue;
		if (is_hidden && matches(&filters[i], value))
			return true;
		any |= !is_hidden;
		is_selected |= !is_hidden && matches(&filters[i], value);
	}
	return any && !is_selected;
}

bool filter_hides(const struct tcpt_filter *filters, size_t n, const struct tcpt_abi_conn *conn)
{
	for (int key = 0; key < TCPT_FILTER_TYPE; key++) {
		struct tcpt_filter value;

		if (value_of(key, conn, &value) && hides(filters, n, &value))
			return true;
	}
	return false;
}
