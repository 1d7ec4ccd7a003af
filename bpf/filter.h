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

/*
 * Each program judges in many places, and nearly always without filters. Where the kernel
 * has calls between functions of programs (Linux 4.16), they share one copy. It is not static,
 * as libbpf finds it by a symbol; but hidden, as the verifier is to know its callers' pointers.
 */
#ifdef TCPT_SPLIT
#define SHARED_COPY static __always_inline
#else
#define SHARED_COPY __attribute__((noinline, visibility("hidden")))
#endif

/*
 * The sorts of values that a key has: those that are selected, and those that are hidden. A
 * mark says of which sorts one value is.
 */
#define SORTS (TCPT_ABI_FILTER_SELECTED | TCPT_ABI_FILTER_HIDDEN)
#define sorts_of(keys, key) ((keys) >> (key)&SORTS)

/* A value is not selected, although others are, or it is hidden. */
static __always_inline int lacks_mark(__u32 sorts, __u32 mark)
{
	return !!((mark ^ TCPT_ABI_FILTER_SELECTED) & sorts);
}

/* entry, which the caller has zeroed, keeps the key and the value. */
static __always_inline int lacks(__u32 keys, struct tcpt_abi_filter *entry, __u32 key, __u64 value)
{
	__u32 sorts = sorts_of(keys, key), *mark;

	if (!sorts)
		return 0;
	entry->key = key;
	entry->value = value;
	mark = bpf_map_lookup_elem(&values, entry);
	return lacks_mark(sorts, mark ? *mark : 0);
}

static __always_inline int lacks_comm(__u32 keys, struct tcpt_abi_filter *entry,
				      const char comm[TCPT_COMM_LEN])
{
	__u64 halves[2];

	_Static_assert(sizeof(halves) == TCPT_COMM_LEN, "comm");
	__builtin_memcpy(halves, comm, TCPT_COMM_LEN);
	entry->rest = halves[1];
	return lacks(keys, entry, TCPT_ABI_FILTER_COMM, halves[0]);
}

/* A word has the marks of 16 small values, each bit that of the next. */
static __always_inline int lacks_small(__u32 sorts, __u32 row, __u32 value)
{
	__u32 word = row + value / TCPT_ABI_MARKS_IN_WORD, *word_at;

	if (!sorts)
		return 0;
	word_at = bpf_map_lookup_elem(&marks, &word);
	return lacks_mark(sorts, word_at ? *word_at >> value % TCPT_ABI_MARKS_IN_WORD : 0);
}

static __always_inline int lacks_kind(__u32 keys, __u8 family, __u8 role)
{
	__u32 families = sorts_of(keys, TCPT_ABI_FILTER_FAMILY);
	__u32 roles = sorts_of(keys, TCPT_ABI_FILTER_ROLE);
	__u32 at = TCPT_ABI_MARKS_KINDS, word, *word_at;

	if (!(families | roles))
		return 0;
	word_at = bpf_map_lookup_elem(&marks, &at);
	word = word_at ? *word_at : 0;
	return lacks_mark(families, word >> family) |
	       lacks_mark(roles, word >> (role + TCPT_ABI_MARKS_OF_ROLES));
}

static __always_inline int lacks_sport(__u32 keys, __u16 port)
{
	return lacks_small(sorts_of(keys, TCPT_ABI_FILTER_SPORT), TCPT_ABI_MARKS_SPORT, port);
}

static __always_inline int lacks_dport(__u32 keys, __u16 port)
{
	return lacks_small(sorts_of(keys, TCPT_ABI_FILTER_DPORT), TCPT_ABI_MARKS_DPORT, port);
}

static __always_inline int lacks_address(__u32 keys, __u32 key, __u8 family, const __u32 address[4])
{
	struct tcpt_abi_network network = {
		.bits = TCPT_ABI_NETWORK_BITS,
		.key = key | family << TCPT_ABI_NETWORK_FAMILY,
	};
	__u32 sorts = sorts_of(keys, key), *mark;

	if (!sorts)
		return 0;
	__builtin_memcpy(network.address, address, sizeof(network.address));
	mark = bpf_map_lookup_elem(&networks, &network);
	return lacks_mark(sorts, mark ? *mark : 0);
}

/*
 * A task that is not known has no user: its uid of 0 does not match user 0. Nor has it a
 * name, which no filter is empty for.
 */
SHARED_COPY int hides_task(__u32 keys, const struct tcpt_abi_task *by)
{
	struct tcpt_abi_filter entry = {};

	return lacks(keys, &entry, TCPT_ABI_FILTER_PID, by->pid) ||
	       lacks(keys, &entry, TCPT_ABI_FILTER_UID, by->pid ? by->uid : (__u64)-1) ||
	       lacks(keys, &entry, TCPT_ABI_FILTER_CGROUP, by->cgroup) ||
	       lacks_comm(keys, &entry, by->comm);
}

static __always_inline int lacks_netns(__u32 keys, __u32 netns)
{
	struct tcpt_abi_filter entry = {};

	return lacks(keys, &entry, TCPT_ABI_FILTER_NETNS, netns);
}

SHARED_COPY int hides_ends(__u32 keys, const struct tcpt_abi_tuple *tuple, __u8 role)
{
	return lacks_netns(keys, tuple->netns) || lacks_kind(keys, tuple->family, role) ||
	       lacks_sport(keys, tuple->sport) || lacks_dport(keys, tuple->dport) ||
	       lacks_address(keys, TCPT_ABI_FILTER_SADDR, tuple->family, tuple->saddr) ||
	       lacks_address(keys, TCPT_ABI_FILTER_DADDR, tuple->family, tuple->daddr);
}

static __always_inline int hides_tuple(__u32 keys, const struct tcpt_abi_tuple *tuple, __u8 role)
{
	return keys && hides_ends(keys, tuple, role);
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
				   const struct tcpt_abi_task *by, __u8 role)
{
	__u32 keys = filter_keys() & TCPT_ABI_FILTERS_OF_CONNECTIONS;

	if (is_left_out(by) || (keys && (hides_task(keys, by) || hides_ends(keys, tuple, role))))
		return TCPT_ABI_HIDDEN;
	return TCPT_ABI_SHOWN;
}

static __always_inline int hides_type(__u8 type)
{
	struct tcpt_abi_control *control = controls();
	__u32 types = control ? control->filters.types : 0;

	if (!types)
		return 0;
	if (types & TCPT_ABI_TYPES_SELECTED && !(types >> type & 1))
		return 1;
	return types >> (type + TCPT_ABI_TYPES_HIDDEN) & 1;
}

#endif
