/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The steps that a change of state brings about. Two programs see it, one acts. */
#ifndef TCPT_CHANGE_H
#define TCPT_CHANGE_H

#include "close.h"
#include "steps.h"

/* Filters hide this connect, as far as that is known without its task. */
static __always_inline int is_hidden_unknown(struct sock *sk)
{
	__u32 keys = filter_keys() & TCPT_ABI_FILTERS_OF_CONNECTIONS;
	struct tcpt_abi_tuple tuple = {};

	if (find_hidden(sk))
		return 1;
	if (!keys)
		return 0;
	read_tuple(sk, &tuple);
	return hides_tuple(keys, &tuple, TCPT_ABI_CLIENT);
}

/*
 * A connect without an entry fails, and its task is not known. Either the map pending
 * had no room for it: then it is counted as lost. Or it was under way before the trace
 * and stock is being taken: then it gets an entry, which the close of it reports. A
 * subflow that the kernel adds has the socket of its MPTCP connection, or none after the
 * close of that. All others have theirs: a task that closes them makes them fail first.
 */
static __always_inline void failed_unknown(struct sock *sk)
{
	struct tcpt_abi_pending connect = { .by = OWN_TURN };
	struct tcpt_abi_counters *first;
	__u64 key = key_of(sk);
	__u32 zero = 0;
	int was_full;

	first = bpf_map_lookup_elem(&counters, &zero);
	was_full = first && first->pending_was_full;
	if ((!was_full && !is_taking_stock()) || bpf_map_lookup_elem(&pending, &key))
		return;
	if (!is_tcp_protocol(sk) || !is_of_a_task(sk) || !read_sport(sk) || is_hidden_unknown(sk))
		return;
	read_tuple(sk, &connect.tuple);
	if (was_full || bpf_map_update_elem(&pending, &key, &connect, BPF_NOEXIST) == -E2BIG)
		count(fails_lost);
}

/*
 * Two ends that connect to each other, or a socket that connects to itself, come to
 * ESTABLISHED as a passive open does. A hidden one is recognised by its ends, which
 * are noted here.
 */
static __always_inline void crossed(struct sock *sk)
{
	struct tcpt_abi_tuple *entry = find_hidden(sk), tuple = {};

	if (!entry)
		return;
	read_tuple(sk, &tuple);
	copy(entry, &tuple);
}

/*
 * The state changes to CLOSE from this one. A connect under way fails. The first program
 * alone handles what has no map entry to delete, and not while another generation has
 * deleted the entry.
 */
static __always_inline void failing(struct sock *sk, int old, int first)
{
	if (first && old == TCPT_SYN_SENT && !is_handled_by_other(sk, old, TCPT_CLOSE))
		failed_unknown(sk);
	ended_connect(sk, old);
}

/* step is a constant: the one that the program is for, or TCPT_ABI_STEPS for all of them. */
static __always_inline void changed_in(__u32 step, struct sock *sk, int old, int state, int first)
{
	int is_any = step == TCPT_ABI_STEPS;

	if (step == TCPT_ABI_STEP_CONNECTING || (is_any && state == TCPT_SYN_SENT)) {
		connecting(sk, first);
		note_full();
	} else if (step == TCPT_ABI_STEP_ESTABLISHED || (is_any && state == TCPT_ESTABLISHED)) {
		established(sk, old, first);
	} else if (step == TCPT_ABI_STEP_FAILED) {
		failing(sk, old, first);
	} else if (step == TCPT_ABI_STEP_ENDED || (is_any && state == TCPT_CLOSE)) {
		if (is_any && is_before_open(old))
			failing(sk, old, first);
		ended(sk, old);
	} else if (state == TCPT_SYN_RECV && old == TCPT_SYN_SENT) {
		crossed(sk);
	} else if (old == state || is_own_fin(old, state)) {
		finishing(sk, old, state);
	}
}

/* The first program, or one of its steps. */
static __always_inline void changed_first(__u32 step, struct sock *sk, int old, int state)
{
	changed_in(step, sk, old, state, 1);
	mark(sk, old, state);
}

/* Returns the step that a change is, where the programs are split. */
static __always_inline __u32 step_of(int old, int state)
{
	if (state == TCPT_SYN_SENT)
		return TCPT_ABI_STEP_CONNECTING;
	if (state == TCPT_ESTABLISHED)
		return TCPT_ABI_STEP_ESTABLISHED;
	if (state != TCPT_CLOSE)
		return TCPT_ABI_STEP_FINISHING;
	return is_before_open(old) ? TCPT_ABI_STEP_FAILED : TCPT_ABI_STEP_ENDED;
}

#endif
