/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A mark says which change of state was handled last.
 *
 * Every state change has two programs, twins, because the kernel skips a program that
 * would run inside itself on its CPU. Raw tracepoint programs can be preempted, and
 * then miss whole runs of changes. The kernel skips kprobe programs also while a task
 * on their CPU is in a bpf() call on a map. The first program leaves a mark. The
 * second one finds the mark and returns, or finds none and acts.
 *
 * While the turn is shared, the second one leaves the mark there: if the generations are
 * of different attach modes, the first program of the other one may come last. The ports
 * are part of such a mark, as it could still be there when the next connection of the same
 * sock changes in the same way.
 */
#ifndef TCPT_MARK_H
#define TCPT_MARK_H

#include "turn.h"

static __always_inline __u64 change_of(struct sock *sk, int old, int state)
{
	__u64 change = (__u64)old << 8 | (__u8)state;

	if (is_shared())
		change |= (__u64)read_sport(sk) << 16 |
			  (__u64)BPF_CORE_READ(sk, __sk_common.skc_dport) << 32;
	return change;
}

static __always_inline void mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	own->last_sk = key_of(sk);
	own->last_change = change_of(sk, old, state);
}

static __always_inline int is_marked(const struct tcpt_abi_counters *own, struct sock *sk, int old,
				     int state)
{
	return own && own->last_sk == key_of(sk) && own->last_change == change_of(sk, old, state);
}

static __always_inline int take_mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!is_marked(own, sk, old, state))
		return 0;
	if (!is_shared())
		own->last_sk = 0;
	return 1;
}

#endif
