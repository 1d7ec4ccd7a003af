/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A task accepts a connection from a listener. */
#ifndef TCPT_ACCEPT_H
#define TCPT_ACCEPT_H

#include "connect.h"

/* An MPTCP sock gets its peer's address after it is established. */
static __always_inline void complete_ends(struct sock *sk, struct tcpt_abi_conn *conn)
{
	struct tcpt_abi_tuple tuple = {};

	if (conn->tuple.dport)
		return;
	read_tuple(sk, &tuple);
	copy(&conn->tuple, &tuple);
}

/*
 * Reports the accept; the current task has the connection now. Returns 0 if filters
 * hide it: conn is deleted then. The event is filled before the entry says that it is
 * reported: from then on an interrupt may delete the entry, and another connection get its
 * memory.
 */
static __always_inline int report_accept(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	struct tcpt_abi_task by = {};
	struct tcpt_abi_event *event;

	complete_ends(sk, conn);
	current_task(&by);
	copy(&conn->opener, &by);
	if (!conn->cookie)
		conn->cookie = read_cookie(sk);
	if (decide(&conn->tuple, &by, conn->role) == TCPT_ABI_HIDDEN) {
		/* Before Linux 4.18 an inserted value cannot be in another map. */
		struct tcpt_abi_tuple tuple;

		copy(&tuple, &conn->tuple);
		conn->reported = TCPT_ABI_HIDDEN;
		hide(sk, &tuple);
		forget(sk);
		return 0;
	}
	if (hides_type(TCPT_ABI_ACCEPT)) {
		conn->reported = TCPT_ABI_SHOWN;
		return 1;
	}
	event = reserve(sizeof(*event), TCPT_ABI_ACCEPT, flags);
	if (!event) {
		conn->reported = TCPT_ABI_SHOWN;
		lost(TCPT_ABI_ACCEPT, flags);
		return 1;
	}
	fill(event, conn, &by);
	barrier();
	conn->reported = TCPT_ABI_SHOWN;
	submit(event, sizeof(*event), TCPT_ABI_ACCEPT, flags);
	return 1;
}

/*
 * Reports the accept of a connection without an entry. It was reset, or established
 * before the trace; how long it waited is not known.
 */
static __always_inline void accepted_unqueued(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_conn conn = {
		.tuple = *tuple,
		.role = TCPT_ABI_SERVER,
	};

	conn.id = new_id();
	if (read_state(sk) == TCPT_CLOSE) {
		conn.ended = TCPT_ESTABLISHED;
		conn.reason = TCPT_ABI_RESET;
	}
	if (!report_accept(sk, &conn, 0))
		return;
	conn.opened = bpf_ktime_get_ns();
	remember(sk, &conn);
}

/* The entry waits to be accepted, and is of this connection: the other one was not missed. */
static __always_inline int is_queued(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	const struct tcpt_abi_tuple *tuple = &conn->tuple;

	if (conn->reported)
		return 0;
	if (!tuple->dport) /* complete_ends() */
		return 1;
	return tuple->dport == bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport)) &&
	       (tuple->family != 4 || tuple->daddr[0] == BPF_CORE_READ(sk, __sk_common.skc_daddr));
}

/*
 * An entry of other ends under the same address belongs to a connection that is over. If
 * another CPU is just about to exchange it for one of this connection, the close tells of
 * the accept.
 */
static __always_inline void accepted(struct sock *sk)
{
	struct tcpt_abi_tuple *entry, tuple = {};
	struct tcpt_abi_conn *conn, *known;

	if (!is_tcp(sk))
		return;
	adopt(sk);
	conn = find_conn(sk);
	if (!conn || !is_queued(sk, conn)) {
		read_tuple(sk, &tuple);
		entry = find_hidden(sk);
		if (entry && same_ends(entry, &tuple))
			return;
		known = find_conn(sk);
		if (known && !same_ends(&known->tuple, &tuple) && !clear_remains(sk, &tuple))
			return;
		conn = find_conn(sk);
		if (!conn) {
			accepted_unqueued(sk, &tuple);
			return;
		}
	}
	if (!conn->reported)
		report_accept(sk, conn, 0);
}

#endif
