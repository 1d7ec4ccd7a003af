/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each CPU counts and numbers by itself. The number of taps is here, too. */
#ifndef TCPT_COUNTERS_H
#define TCPT_COUNTERS_H

#include "maps.h"

static __always_inline struct tcpt_abi_counters *own_counters(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

#define count(what)                                             \
	do {                                                    \
		struct tcpt_abi_counters *own = own_counters(); \
		if (own)                                        \
			add(own, what, 1);                      \
	} while (0)

/*
 * Takes the next number. A program may interrupt another on its CPU, and no two
 * events may get the same number. Before Linux 5.12 no atomic operation returns a
 * value; there the window is between the add and the load.
 */
#ifdef TCPT_ATOMICS
#define draw(base, member) (__sync_fetch_and_add(&(base)->member, 1) + 1)
#else
#define draw(base, member)                          \
	({                                          \
		add(base, member, 1);               \
		*(volatile __u64 *)&(base)->member; \
	})
#endif

/* Returns a new id. JSON readers keep 53 bits: 40 of the number, 13 of the CPU. */
static __always_inline __u64 new_id(void)
{
	struct tcpt_abi_counters *own = own_counters();

	return own ? (__u64)bpf_get_smp_processor_id() << 40 | draw(own, ids) : 0;
}

/*
 * The member stands for the number of rings that each event goes to. It is a constant:
 * the loader puts it into the BTF as the offset of this member.
 */
struct tcpt_taps {
	__u8 count;
} __attribute__((preserve_access_index));

#ifdef TCPT_SPLIT
#define TAPS 1 /* there is no room for more (steps.h) */
#else
#define TAPS bpf_core_field_offset(struct tcpt_taps, count)
#endif

#endif
