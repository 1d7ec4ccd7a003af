/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a change of state brings about, seen by two programs and done once. */
#ifndef TCPT_CHANGE_H
#define TCPT_CHANGE_H

#include "close.h"

/*
 * Every state change has two programs, because the kernel skips one that would
 * run inside itself on its CPU. Raw tracepoint programs can be preempted and
 * then miss whole runs of changes; kprobe programs are skipped even while a
 * task on their CPU is in a bpf() call on a map. The first leaves a mark; the
 * second finds it and leaves, or does the first one's work.
 */
static __always_inline void mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	own->last_sk = key_of(sk);
	own->last_change = (__u64)old << 32 | (__u32)state;
}

static __always_inline int take_mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own || own->last_sk != key_of(sk) ||
	    own->last_change != ((__u64)old << 32 | (__u32)state))
		return 0;
	own->last_sk = 0;
	return 1;
}

static __always_inline void changed_state(struct sock *sk, int old, int state, int first)
{
	if (state == TCPT_SYN_SENT)
		connecting(sk, first);
	else if (state == TCPT_ESTABLISHED)
		established(sk, old, first);
	else if (state == TCPT_CLOSE)
		ended(sk, old);
	else if (old == state || is_own_fin(old, state))
		finishing(sk, old, state);
}

#endif
