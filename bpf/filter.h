/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The filters select what is reported. They decide about a connection once, at the
 * first step that would report it, and show or hide all of its events. The filter by
 * type alone decides event by event. A hidden connection takes no sequence number and
 * no entry in conns or pending; the map hidden remembers it (conn.h).
 */
#ifndef TCPT_FILTER_H
#define TCPT_FILTER_H

#include "maps.h"

static __always_inline struct tcpt_abi_control *controls(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

/* Returns the keys that have values, a bit for each. */
static __always_inline __u32 filter_keys(void)
{
	struct tcpt_abi_control *control = controls();

	return control ? control->filters.keys : 0;
}

/* The key has values, and this value is not among them; or it is among those that are hidden. */
static __always_inline int lacks(__u32 keys, __u32 key, __u64 value)
{
	struct tcpt_abi_filter entry = { .key = key, .value = value };

	if (keys >> key & 1 && !bpf_map_lookup_elem(&filters, &entry))
		return 1;
	entry.key = key + TCPT_ABI_FILTER_NOT;
	return keys >> (key + TCPT_ABI_FILTER_NOT) & 1 && bpf_map_lookup_elem(&filters, &entry);
}

/* A task that is not known has no user: its uid of 0 does not match user 0. */
static __always_inline int hides_task(__u32 keys, const struct tcpt_abi_task *by)
{
	return lacks(keys, TCPT_ABI_FILTER_PID, by->pid) ||
	       lacks(keys, TCPT_ABI_FILTER_UID, by->pid ? by->uid : (__u64)-1) ||
	       lacks(keys, TCPT_ABI_FILTER_CGROUP, by->cgroup);
}

static __always_inline int hides_tuple(__u32 keys, const struct tcpt_abi_tuple *tuple)
{
	if (!keys)
		return 0;
	return lacks(keys, TCPT_ABI_FILTER_NETNS, tuple->netns) ||
	       lacks(keys, TCPT_ABI_FILTER_FAMILY, tuple->family) ||
	       lacks(keys, TCPT_ABI_FILTER_SPORT, tuple->sport) ||
	       lacks(keys, TCPT_ABI_FILTER_DPORT, tuple->dport);
}

/* The name begins with TCPT_ABI_LEFT_OUT_NAME. A string would be in a section of its own. */
static __always_inline int may_be_left_out(const char *comm)
{
	return comm[0] == 't' && comm[1] == 'c' && comm[2] == 'p' && comm[3] == 't';
}

/*
 * The task is a thread of a guess (libtcpt/maps/left-out.c). Nobody looks into the map for
 * others.
 */
static __always_inline int is_left_out(const struct tcpt_abi_task *by)
{
	struct tcpt_abi_thread thread = { .tid = by->tid };
	const __u64 *until;

	if (!may_be_left_out(by->comm))
		return 0;
	copy(&thread.comm, &by->comm);
	until = bpf_map_lookup_elem(&left_out, &thread);
	return until && *until > bpf_ktime_get_ns();
}

/*
 * Returns the value of tcpt_abi_conn.reported for a connection of this task.
 * filter_hides() of libtcpt decides in the same way.
 */
static __always_inline __u8 decide(const struct tcpt_abi_tuple *tuple,
				   const struct tcpt_abi_task *by)
{
	__u32 keys = filter_keys() & TCPT_ABI_FILTERS_OF_CONNECTIONS;

	if (is_left_out(by) || (keys && (hides_task(keys, by) || hides_tuple(keys, tuple))))
		return TCPT_ABI_HIDDEN;
	return TCPT_ABI_SHOWN;
}

static __always_inline int hides_type(__u8 type)
{
	struct tcpt_abi_control *control = controls();
	__u32 types = control ? control->filters.types : 0;

	return types && !(types >> type & 1);
}

#endif
