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
	conn->tuple = tuple;
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
	conn->opener = by;
	if (!conn->cookie)
		conn->cookie = read_cookie(sk);
	if (decide(&conn->tuple, &by) == TCPT_ABI_HIDDEN) {
		conn->reported = TCPT_ABI_HIDDEN;
		hide(sk, &conn->tuple);
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

static __always_inline void accepted(struct sock *sk)
{
	struct tcpt_abi_tuple *entry, tuple = {};
	struct tcpt_abi_conn *conn;

	if (!is_tcp(sk))
		return;
	adopt(sk);
	conn = find_conn(sk);
	if (conn && !conn->reported) {
		report_accept(sk, conn, 0);
		return;
	}
	read_tuple(sk, &tuple);
	entry = find_hidden(sk);
	if (entry && same_ends(entry, &tuple))
		return;
	if (conn) {
		if (same_ends(&conn->tuple, &tuple))
			return;
		closed_unseen(sk, conn);
	}
	accepted_unqueued(sk, &tuple);
}

#endif
