/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection begins, up to ESTABLISHED, on either side. */
#ifndef TCPT_CONNECT_H
#define TCPT_CONNECT_H

#include "existing.h"
#include "mark.h"
#include "outcome.h"
#include "refusal.h"

/*
 * Fills tuple, which the caller has zeroed, with the ends of a connect that has failed.
 * They are those of the SYN. If these are not known, they are what the sock says,
 * unless the sock is in use for another connection already. The kernel may have cleared
 * all but the local port; the rest is what was noted before there was one.
 */
static __always_inline void ends_of_failed(struct sock *sk, const struct tcpt_abi_pending *connect,
					   int is_reused, struct tcpt_abi_tuple *tuple)
{
	__u16 sport;
	__u8 family;

	if (connect->tuple.family)
		copy(tuple, &connect->tuple);
	else if (!is_reused)
		read_tuple(sk, tuple);
	if (tuple->dport || !connect->tuple.dport)
		return;
	sport = tuple->sport;
	family = tuple->family;
	copy(tuple, &connect->tuple);
	tuple->sport = sport;
	tuple->family = family;
}

/*
 * A kernel worker has begun this connect, and by now the sock is a subflow: the worker gave
 * it the socket of its MPTCP connection as soon as the SYN was out
 * (__mptcp_subflow_connect()), and the close of the connection took it away again.
 */
static __always_inline int is_joined(struct sock *sk, const struct tcpt_abi_task *opener)
{
	return !opener->pid && !is_of_a_task(sk);
}

/*
 * An active open failed. A sock without a local port sent nothing (EADDRNOTAVAIL), and
 * is not reported.
 */
static __always_inline void failed(struct sock *sk, int is_reused, __u8 flags)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);
	struct tcpt_abi_event *event;
	struct tcpt_abi_tuple tuple = {};

	if (!connect)
		return;
	ends_of_failed(sk, connect, is_reused, &tuple);
	if (hides_type(TCPT_ABI_FAIL) || is_joined(sk, &connect->opener) ||
	    decide(&tuple, &connect->opener, TCPT_ABI_CLIENT) == TCPT_ABI_HIDDEN) {
		bpf_map_delete_elem(&pending, &key);
		return;
	}
	event = tuple.sport ? reserve(sizeof(*event), TCPT_ABI_FAIL, flags) : NULL;
	if (!event) {
		if (!bpf_map_delete_elem(&pending, &key) && tuple.sport)
			lost(TCPT_ABI_FAIL, flags);
		return;
	}
	event->id = new_id();
	event->cookie = is_reused ? 0 : read_cookie(sk);
	event->began = connect->began;
	copy(&event->by, &connect->opener);
	copy(&event->tuple, &tuple);
	event->value = is_reused	     ? 0 :
		       flags & TCPT_ABI_LATE ? late_error_of(sk, connect) :
					       error_of(sk, connect, tuple.family);
	event->role = TCPT_ABI_CLIENT;
	if (bpf_map_delete_elem(&pending, &key))
		discard(event);
	else
		submit(event, sizeof(*event), TCPT_ABI_FAIL, flags);
}

/* The other generation of programs has handled this same change of state. */
static __always_inline int is_handled_by_other(struct sock *sk, int old, int state)
{
	return is_shared() && is_marked(own_counters(), sk, old, state);
}

/* The other generation of programs saw this same connect first. */
static __always_inline int is_seen_by_other(__u64 key)
{
	struct tcpt_abi_pending *connect;

	if (!is_shared())
		return 0;
	connect = bpf_map_lookup_elem(&pending, &key);
	return connect && connect->by != OWN_TURN;
}

/* Hides a connect. Another program may have inserted an entry for it. */
static __always_inline void hide_pending(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	__u64 key = key_of(sk);

	hide(sk, tuple);
	bpf_map_delete_elem(&pending, &key);
}

/*
 * Filters hide this connect by what is known at its first step. The local port is
 * not known yet, and of an MPTCP sock neither end is.
 */
static __always_inline int hides_connecting(struct sock *sk, struct tcpt_abi_pending *connect)
{
	__u32 keys = filter_keys() & TCPT_ABI_FILTERS_OF_CONNECTIONS &
		     ~(SORTS << TCPT_ABI_FILTER_SPORT);

	if (is_left_out(&connect->opener))
		return 1;
	if (!keys)
		return 0;
	if (hides_task(keys, &connect->opener))
		return 1;
	if (!is_tcp_sock(sk))
		return lacks_netns(keys, read_netns(sk));
	read_tuple(sk, &connect->tuple);
	if (hides_tuple(keys, &connect->tuple, TCPT_ABI_CLIENT))
		return 1;
	__builtin_memset(&connect->tuple, 0, sizeof(connect->tuple));
	return 0;
}

/*
 * The current task connects this sock, whose state changes to SYN_SENT. What is
 * remembered under this address is over. An earlier connect there has failed; only the
 * first of the two programs on this change may report that.
 */
static __always_inline void connecting(struct sock *sk, int first)
{
	struct tcpt_abi_pending connect = {};
	struct tcpt_abi_conn *stale = find_conn(sk);
	__u64 key = key_of(sk);

	if (is_subflow(sk) || !is_tcp_protocol(sk))
		return;
	if (stale)
		closed_unseen(sk, stale);
	if (first && !is_seen_by_other(key))
		failed(sk, 1, TCPT_ABI_LATE);
	connect.by = OWN_TURN;
	connect.heeds = own_heeds();
	connect.began = bpf_ktime_get_ns();
	current_task(&connect.opener);
	if (hides_connecting(sk, &connect)) {
		hide_pending(sk, &connect.tuple);
		return;
	}
	unhide(sk);
	if (bpf_map_update_elem(&pending, &key, &connect, BPF_ANY))
		count(pending_full);
}

/*
 * The change to SYN_SENT was missed. The first subflow of an MPTCP connection shows the
 * connect of that: it has the task's socket already. Compilers put the call of
 * mptcp_set_state() in line there, so that one program alone sees the change.
 */
static __always_inline void connecting_unseen(struct sock *sk)
{
	struct sock *owner = owner_of(sk);
	__u64 key = key_of(owner);

	if (find_hidden(owner))
		return;
	if (owner != sk &&
	    (read_state(owner) != TCPT_SYN_SENT || bpf_map_lookup_elem(&pending, &key)))
		return;
	connecting(owner, 0);
}

/*
 * The same task is in tcp_connect(), and sends the SYN; with TCP Fast Open that is long
 * after the change to SYN_SENT. Both ends are known now. They are noted because the kernel
 * may clear them before the connect fails.
 */
static __always_inline void attempting(struct sock *sk)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);
	struct tcpt_abi_tuple tuple = {};

	if (!connect) {
		connecting_unseen(sk);
		connect = bpf_map_lookup_elem(&pending, &key);
		if (!connect)
			return;
	}
	read_tuple(sk, &tuple);
	if (lacks_sport(filter_keys(), tuple.sport)) {
		hide_pending(sk, &tuple);
		return;
	}
	copy(&connect->tuple, &tuple);
	connect->began = bpf_ktime_get_ns();
}

/* An active open succeeded. conn->opened says when it began, and later when it succeeded. */
static __always_inline void opened(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	__u64 began = conn->opened;

	if (is_joined(sk, &conn->opener))
		return;
	conn->id = new_id();
	conn->opened = bpf_ktime_get_ns();
	conn->cookie = read_cookie(sk);
	conn->role = TCPT_ABI_CLIENT;
	if (!conn->tuple.family)
		read_tuple(sk, &conn->tuple);
	conn->reported = decide(&conn->tuple, &conn->opener, TCPT_ABI_CLIENT);
	if (conn->reported == TCPT_ABI_HIDDEN) {
		hide(sk, &conn->tuple);
		return;
	}
	remember(sk, conn);
	conn->opened = began;
	emit(TCPT_ABI_CONNECT, flags, conn, &conn->opener, 0);
}

/* Copies a connect under way to conn, which the caller has zeroed. Returns 0 if there is none. */
static __always_inline int copy_pending(struct sock *sk, struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);

	if (!connect)
		return 0;
	copy(&conn->opener, &connect->opener);
	conn->opened = connect->began;
	copy(&conn->tuple, &connect->tuple);
	return 1;
}

/* Moves it. Returns 1 to the one caller that deleted the entry. */
static __always_inline int take_pending(struct sock *sk, struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);

	if (!copy_pending(sk, conn))
		return 0;
	return !bpf_map_delete_elem(&pending, &key);
}

/* The sock is established, but the change was missed. Returns 1 if that is reported now. */
static __always_inline int opened_unseen(struct sock *sk)
{
	struct tcpt_abi_conn conn = {};

	if (!take_pending(sk, &conn))
		return 0;
	opened(sk, &conn, TCPT_ABI_LATE);
	return 1;
}

/*
 * A passive open succeeded. It is reported when a task accepts it. If filters hide it
 * by its ends, it gets no entry; the accept decides again.
 */
static __always_inline void queued(struct sock *sk, struct tcpt_abi_conn *conn)
{
	if (hides_tuple(filter_keys(), &conn->tuple, TCPT_ABI_SERVER) && is_tcp_sock(sk))
		return;
	conn->id = new_id();
	conn->opened = bpf_ktime_get_ns();
	conn->role = TCPT_ABI_SERVER;
	remember_new(sk, conn);
}

/*
 * Returns whether the sock is hidden. If it is not, fills tuple, which the caller has
 * zeroed. An entry of other ends belongs to a connection that is over, and is deleted.
 */
static __always_inline int is_hidden_at(struct sock *sk, int old, struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_tuple *entry;

	if (old == TCPT_SYN_SENT && !is_taking_stock() && find_hidden(sk))
		return 1;
	read_tuple(sk, tuple);
	entry = find_hidden(sk);
	if (!entry)
		return 0;
	if (old == TCPT_SYN_SENT)
		copy(entry, tuple);
	if (same_ends(entry, tuple))
		return 1;
	unhide(sk);
	return 0;
}

/*
 * The state changes to ESTABLISHED. A sock that has an entry was accepted before (TCP
 * Fast Open), or another hook has just handled this change. An entry of other ends
 * under the same address belongs to a connection that is over. A connect without an
 * entry in pending was missed: only the first of the two programs on this change may
 * report it, of one generation alone, and its task is not known.
 */
static __always_inline void established(struct sock *sk, int old, int first)
{
	struct tcpt_abi_conn *known, conn = {};

	if (!take_pending(sk, &conn)) {
		if (!is_tcp_protocol(sk) || is_hidden_at(sk, old, &conn.tuple))
			return;
		known = find_conn(sk);
		if (known && !same_ends(&known->tuple, &conn.tuple)) {
			if (!clear_remains(sk, &conn.tuple))
				return;
			known = find_conn(sk);
		}
		if (known)
			return;
		if (old != TCPT_SYN_SENT) {
			queued(sk, &conn);
			return;
		}
		if (!first || is_subflow(sk) || is_handled_by_other(sk, old, TCPT_ESTABLISHED))
			return;
	}
	opened(sk, &conn, 0);
}

#endif
