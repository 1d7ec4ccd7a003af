/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection ends. */
#ifndef TCPT_CLOSE_H
#define TCPT_CLOSE_H

#include "accept.h"

/*
 * The socket is closed, by conn->closer or else by the current task. No task closes a
 * connection that waits in a listener's queue. If one does, the accept was missed: it
 * is reported first, late.
 */
static __always_inline void closed_at_last(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	if (!conn->closing)
		note_closer(conn, 1);
	if (!conn->reported) {
		complete_ends(sk, conn);
		copy(&conn->opener, &conn->closer);
		conn->reported = decide(&conn->tuple, &conn->closer, conn->role);
		emit(TCPT_ABI_ACCEPT, TCPT_ABI_LATE, conn, &conn->closer, 0);
	}
	conclude(sk, conn, flags);
}

/*
 * Does the same before the sock is destroyed. The sock lives on after the close. The
 * loader may still take stock of it, and another generation of programs may see the
 * same close. Therefore an entry that hides all events stands in for the connection
 * until it comes to CLOSE. An MPTCP sock that has come there needs none: no hook tells
 * what is left of it, and in fentry mode none sees its destruction.
 */
static __always_inline void closed(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	struct tcpt_abi_conn stand_in = {};
	int is_stood_in = conn->id && ((!conn->opened && is_taking_stock()) || is_shared()) &&
			  (!conn->ended || is_tcp_sock(sk));

	if (is_stood_in)
		copy(&stand_in.tuple, &conn->tuple);
	closed_at_last(sk, conn, flags);
	if (is_stood_in) {
		stand_in.reported = TCPT_ABI_HIDDEN;
		remember(sk, &stand_in);
	}
}

/* A sock in this state is established, and no task has closed it. */
static __always_inline int is_open_state(__u8 state)
{
	return state == TCPT_ESTABLISHED || state == TCPT_CLOSE_WAIT || state == TCPT_FIN_WAIT1 ||
	       state == TCPT_FIN_WAIT2 || state == TCPT_CLOSING || state == TCPT_LAST_ACK;
}

/* Reports the close of a connection for which the map conns has no room. */
static __always_inline void report_older(struct tcpt_abi_conn *conn, __u8 state)
{
	struct tcpt_abi_close *close;

	if (conn->reported == TCPT_ABI_HIDDEN || hides_type(TCPT_ABI_CLOSE))
		return;
	close = reserve(sizeof(*close), TCPT_ABI_CLOSE, 0);
	if (!close) {
		lost(TCPT_ABI_CLOSE, 0);
		return;
	}
	conn->reason = first_to_close(state);
	fill_close(close, conn);
	submit(&close->event, sizeof(*close), TCPT_ABI_CLOSE, 0);
}

/*
 * The current task closes a connection that has no entry: it was established before
 * the trace, or the map was full. Returns its new entry; NULL if the map is still full
 * (the close is reported at once), or if filters hide it. Another CPU may insert the
 * entry or hide it meanwhile, by adopt().
 */
static __always_inline struct tcpt_abi_conn *find_older(struct sock *sk, __u8 state)
{
	struct tcpt_abi_conn conn = {}, *older;

	if (find_hidden(sk) || !is_tcp(sk) || !is_of_a_task(sk))
		return NULL;
	read_tuple(sk, &conn.tuple);
	conn.cookie = read_cookie(sk);
	current_task(&conn.closer);
	conn.reported = decide(&conn.tuple, &conn.closer, conn.role);
	if (conn.reported == TCPT_ABI_HIDDEN) {
		hide(sk, &conn.tuple);
		return NULL;
	}
	conn.id = new_id();
	remember_new(sk, &conn);
	older = find_conn(sk);
	if (!older && !find_hidden(sk))
		report_older(&conn, state);
	return older;
}

/* Returns the entry of what the current task closes in this state; NULL: there is none. */
static __always_inline struct tcpt_abi_conn *find_closing(struct sock *sk, __u8 state)
{
	struct tcpt_abi_conn *conn = find_conn(sk);

	if (conn || !is_open_state(state))
		return conn;
	return opened_unseen(sk) ? find_conn(sk) : find_older(sk, state);
}

/*
 * A task is in tcp_close(), which every close by a task enters, in this state. How it ends
 * the connection is known when it changes the state. It always does, if only to the same
 * state, unless the connection came to CLOSE before. It may have done so since this
 * hook was entered: ended() says that first, and looks for who closes afterwards. Another
 * program on this hook may have been here before.
 */
static __always_inline void closing_conn(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state)
{
	if (conn->closing)
		return;
	note_closer(conn, 1);
	barrier();
	if (state != TCPT_CLOSE && !conn->ended)
		return;
	note_end(sk, conn, state);
	closed(sk, conn, 0);
}

static __always_inline void closing_in(struct sock *sk, __u8 state)
{
	struct tcpt_abi_conn *conn = find_closing(sk, state);

	if (conn)
		closing_conn(sk, conn, state);
}

static __always_inline void closing(struct sock *sk)
{
	__u8 state = read_state(sk);

	adopt(sk);
	closing_in(sk, state);
}

/* One of two programs on the hook leaves alone what has no entry. Only a stand-in is adopted. */
static __always_inline void closing_known(struct sock *sk)
{
	struct tcpt_abi_conn *conn = find_conn(sk);

	if (!conn || conn->closing)
		return;
	if (conn->reported == TCPT_ABI_HIDDEN)
		closing(sk);
	else
		closing_conn(sk, conn, read_state(sk));
}

/*
 * Nobody has accepted it, and its listener ends: tcp_disconnect() has cleared sk_shutdown
 * (inet_child_forget()), which a task's close completes.
 */
static __always_inline int is_left_in_queue(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	return !conn->reported && bpf_core_field_exists(sk->sk_shutdown) && !is_shut(sk);
}

/*
 * The sock is destroyed. If the connection came to CLOSE before, the task that closes
 * it destroys it. Otherwise the close was missed, and the current task may be any task.
 */
static __always_inline void destroyed(struct sock *sk, __u8 flags)
{
	struct tcpt_abi_conn *conn;

	if (!is_taking_stock()) /* otherwise its stand-in may be deleted already */
		adopt(sk);
	conn = find_conn(sk);
	failed(sk, 0, TCPT_ABI_LATE);
	unhide(sk);
	if (!conn)
		return;
	if (conn->closing) {
		flags = TCPT_ABI_LATE;
	} else if (!conn->ended || !bpf_core_field_exists(sk->sk_socket) ||
		   is_left_in_queue(sk, conn)) {
		if (!guess_closer(sk, conn))
			return;
		flags = TCPT_ABI_LATE;
	}
	note_end(sk, conn, TCPT_CLOSE);
	closed_at_last(sk, conn, flags);
}

/*
 * The change is of a tcp_close() with unread data or SO_LINGER 0: only then sk_shutdown
 * is complete already.
 */
static __always_inline int is_reset_by_close(struct sock *sk, int old)
{
	return (old == TCPT_ESTABLISHED || old == TCPT_CLOSE_WAIT) && is_shut(sk) &&
	       is_of_a_task(sk);
}

/*
 * The change is of tcp_disconnect(): a connect() to an address of family AF_UNSPEC.
 * Nothing else ends a connection with no error and without both directions shut.
 */
static __always_inline int is_disconnect(struct sock *sk, int old)
{
	return is_open_state(old) && bpf_core_field_exists(sk->sk_err) &&
	       bpf_core_field_exists(sk->sk_shutdown) && !read_error(sk) && !is_shut(sk) &&
	       is_tcp_sock(sk) && is_of_a_task(sk);
}

/* A sock in this state can have a connect under way. */
static __always_inline int is_before_open(int state)
{
	return state == TCPT_SYN_SENT || state == TCPT_SYN_RECV || state == TCPT_CLOSE;
}

/* The state changes to CLOSE from this one, in which a connect can be under way. */
static __always_inline void ended_connect(struct sock *sk, int old)
{
	subflow_failed(sk);
	failed(sk, 0, old == TCPT_CLOSE ? TCPT_ABI_LATE : 0);
}

/*
 * The state changes to CLOSE. A connect under way has failed. A connection is over if
 * no task holds it (its close was missed, or it never left the listener), or if the
 * task that holds it closes or disconnects it now. Otherwise its task is still to close
 * it. So is the task that will accept one that is reset in the listener's queue; if the
 * listener ends first, destroyed() forgets it. Only an MPTCP sock changes from CLOSE to
 * CLOSE, and that is its close. A connect that is still under way then has failed before.
 */
static __always_inline void ended(struct sock *sk, int old)
{
	struct tcpt_abi_conn *conn;
	__u8 flags = TCPT_ABI_LATE;

	if (!is_before_open(old))
		opened_unseen(sk);
	conn = find_conn(sk);
	if (!conn) {
		if (!is_shared())
			unhide(sk);
		return;
	}
	note_end(sk, conn, old);
	if (conn->closing) {
		flags = 0;
	} else if (!conn->reported && is_orphan(sk) && read_error(sk)) {
		return;
	} else if (is_orphan(sk) ||
		   (!conn->reported && (!bpf_core_field_exists(sk->sk_socket) || is_subflow(sk)))) {
		if (!guess_closer(sk, conn))
			return;
	} else if (conn->reported && is_disconnect(sk, old)) {
		conn->reason = TCPT_ABI_RESET;
		flags = 0;
	} else if (!conn->reported || (old != TCPT_CLOSE && !is_reset_by_close(sk, old))) {
		return;
	}
	closed(sk, conn, flags);
}

static __always_inline int is_own_fin(int old, int state)
{
	return (state == TCPT_FIN_WAIT1 && (old == TCPT_ESTABLISHED || old == TCPT_SYN_RECV)) ||
	       (state == TCPT_LAST_ACK && old == TCPT_CLOSE_WAIT);
}

/*
 * A task sends its FIN by close() or shutdown(). Or it closes after shutdown(), which
 * "changes" the state to the same one.
 */
static __always_inline void finishing(struct sock *sk, int old, int state)
{
	struct tcpt_abi_conn *conn = find_conn(sk);
	__u8 flags = 0;

	if (!conn)
		return;
	if (!conn->closing) {
		if (!conn->reported && is_of_a_task(sk) && !report_accept(sk, conn, TCPT_ABI_LATE))
			return;
		if (!is_shut(sk))
			return;
		if (old != state || !conn->reported) {
			note_closer(conn, 0);
			return;
		}
		flags = TCPT_ABI_LATE;
	}
	conn->reason = first_to_close(old);
	note_figures(sk, conn, old, 0);
	closed(sk, conn, flags);
}

#endif
