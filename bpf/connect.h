/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The beginning of a connection, up to ESTABLISHED, on either side. */
#ifndef TCPT_CONNECT_H
#define TCPT_CONNECT_H

#include "conn.h"

/*
 * The current task connects this sock. Called by each hook of the step, all of
 * them in that task; a connection still remembered under this address is over.
 */
static __always_inline void connecting(struct sock *sk)
{
	struct tcpt_abi_conn *stale = find_conn(sk);
	struct tcpt_abi_task task = {};
	__u64 key = key_of(sk);

	if (is_subflow(sk))
		return;
	if (stale)
		closed_unseen(sk, stale);
	current_task(&task);
	if (bpf_map_update_elem(&pending, &key, &task, BPF_ANY))
		count(pending_full);
}

/* An active open succeeded. opener is zeroed when no hook saw who called connect. */
static __always_inline void opened(struct sock *sk, const struct tcpt_abi_task *opener, __u8 flags)
{
	struct tcpt_abi_conn conn = {
		.id = new_id(),
		.opened = bpf_ktime_get_ns(),
		.opener = *opener,
		.role = TCPT_ABI_CLIENT,
		.reported = 1,
	};

	read_tuple(sk, &conn.tuple);
	remember(sk, &conn);
	emit(TCPT_ABI_CONNECT, flags, &conn, opener);
}

/* Reports a connect that is still thought to be under way; 0 if there is none. */
static __always_inline int opened_pending(struct sock *sk, __u8 flags)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_task *task = bpf_map_lookup_elem(&pending, &key);
	struct tcpt_abi_task opener;

	if (!task)
		return 0;
	opener = *task;
	if (bpf_map_delete_elem(&pending, &key))
		return 0;
	opened(sk, &opener, flags);
	return 1;
}

/* The sock turns out to be established although the change was missed. */
static __always_inline int opened_unseen(struct sock *sk)
{
	return opened_pending(sk, TCPT_ABI_LATE);
}

/* A passive open, to be reported when a task accepts it. */
static __always_inline void queued(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_conn conn = {
		.opened = bpf_ktime_get_ns(),
		.tuple = *tuple,
		.role = TCPT_ABI_SERVER,
	};

	conn.id = new_id();
	remember(sk, &conn);
}

/*
 * The change to ESTABLISHED. A sock that is known already was taken from a
 * listener before (TCP Fast Open) or has just been handled by another hook;
 * other ends under the same address are a connection that is over. A connect
 * of which nothing was known has no entry to take away: only the first of two
 * programs on this change may report it.
 */
static __always_inline void established(struct sock *sk, int old, int first)
{
	struct tcpt_abi_tuple tuple = {};
	struct tcpt_abi_task nobody = {};
	struct tcpt_abi_conn *conn;

	if (opened_pending(sk, 0))
		return;
	read_tuple(sk, &tuple);
	conn = find_conn(sk);
	if (conn) {
		if (same_ends(&conn->tuple, &tuple))
			return;
		closed_unseen(sk, conn);
	}
	if (old != TCPT_SYN_SENT)
		queued(sk, &tuple);
	else if (first && !is_subflow(sk))
		opened(sk, &nobody, 0);
}

#endif
