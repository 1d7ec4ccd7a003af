/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a connection. */
#ifndef TCPT_CLOSE_H
#define TCPT_CLOSE_H

#include "connect.h"

/*
 * The current task closes the socket. A connection that waits in a listener's
 * queue is never closed by a task, so one that is was accepted
 * behind the hook's back: that is said first.
 */
static __always_inline void closed(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	struct tcpt_abi_conn last = *conn;
	struct tcpt_abi_task by = {};

	if (forget(sk))
		return;
	current_task(&by);
	if (!last.reported) {
		last.opener = by;
		emit(TCPT_ABI_ACCEPT, TCPT_ABI_LATE, &last, &by);
	}
	emit(TCPT_ABI_CLOSE, flags, &last, &by);
}

/* The close of a connection that was established before the trace. */
static __always_inline void closed_older(struct sock *sk)
{
	struct tcpt_abi_conn conn = { .id = new_id() };
	struct tcpt_abi_task by = {};

	if (!is_tcp_family(sk) || !is_of_a_task(sk))
		return;
	read_tuple(sk, &conn.tuple);
	current_task(&by);
	emit(TCPT_ABI_CLOSE, 0, &conn, &by);
}

/* Has a sock in this state been established, and not been closed by a task? */
static __always_inline int is_open_state(__u8 state)
{
	return state == TCPT_ESTABLISHED || state == TCPT_CLOSE_WAIT ||
	       state == TCPT_FIN_WAIT1 || state == TCPT_FIN_WAIT2 || state == TCPT_CLOSING ||
	       state == TCPT_LAST_ACK;
}

/* tcp_close: the hook that sees every close by a task, whatever the state. */
static __always_inline void closing(struct sock *sk)
{
	struct tcpt_abi_conn *conn = find_conn(sk);
	__u8 state;

	if (!conn) {
		state = read_state(sk);
		if (!is_open_state(state))
			return;
		if (!opened_unseen(sk)) {
			closed_older(sk);
			return;
		}
		conn = find_conn(sk);
		if (!conn)
			return;
	}
	closed(sk, conn, 0);
}

/*
 * tcp_destroy_sock. A connection that had come to CLOSE before is destroyed by
 * the task that closes it. Of any other the close was missed, and the current
 * task need have nothing to do with it.
 */
static __always_inline void destroyed(struct sock *sk, __u8 flags)
{
	struct tcpt_abi_conn *conn = find_conn(sk);
	__u64 key = key_of(sk);

	bpf_map_delete_elem(&pending, &key); /* of a failed connect whose end was missed */
	if (!conn)
		return;
	if (conn->ended && bpf_core_field_exists(sk->sk_socket))
		closed(sk, conn, flags);
	else
		closed_unseen(sk, conn);
}

/* tcp_close with unread data or SO_LINGER 0: nothing else has sk_shutdown complete by then. */
static __always_inline int is_reset_by_close(struct sock *sk, int old)
{
	return (old == TCPT_ESTABLISHED || old == TCPT_CLOSE_WAIT) &&
	       bpf_core_field_exists(sk->sk_shutdown) && BPF_CORE_READ(sk, sk_shutdown) == 3 &&
	       is_of_a_task(sk);
}

/*
 * The change to CLOSE. A failed connect ends here. A connection does if no task
 * holds it: then its close was missed, or it never left the listener; or if the
 * task that holds it closes it right now. Otherwise that is still to come. Only
 * an MPTCP sock changes from CLOSE to CLOSE, and that is its close.
 */
static __always_inline void ended(struct sock *sk, int old)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_conn *conn;

	if (old == TCPT_SYN_SENT || old == TCPT_SYN_RECV)
		bpf_map_delete_elem(&pending, &key);
	else
		opened_unseen(sk);
	conn = find_conn(sk);
	if (!conn)
		return;
	if (conn->reported && (old == TCPT_CLOSE || is_reset_by_close(sk, old)))
		closed(sk, conn, TCPT_ABI_LATE);
	else if (is_orphan(sk) || (!conn->reported && (!bpf_core_field_exists(sk->sk_socket) ||
						       is_subflow(sk))))
		closed_unseen(sk, conn);
	else
		conn->ended = 1;
}

#endif
