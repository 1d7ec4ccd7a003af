/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The steps of cgroup mode that end a connection; cgroup-begin.h says how they go together. */
#ifndef TCPT_CGROUP_END_H
#define TCPT_CGROUP_END_H

#include "cgroup-begin.h"

/*
 * Reports the close by conn->closer. An accept that was missed is reported first: no task
 * closes a connection that waits in a listener's queue.
 */
static __always_inline void ops_closed(__u64 cookie, struct tcpt_abi_conn *conn, __u8 flags)
{
	if (!conn->reported) {
		conn->opener = conn->closer;
		conn->reported = decide(&conn->tuple, &conn->closer, conn->role);
		emit(TCPT_ABI_ACCEPT, TCPT_ABI_LATE, conn, &conn->closer, 0);
	}
	conclude(by_cookie(cookie), conn, flags);
}

/* This part of the close is noted. Returns true if the other part has been, or may have been. */
static __always_inline int meets(struct tcpt_abi_conn *conn, __u32 own, __u32 other)
{
#ifdef TCPT_ATOMICS
	return !!(__sync_fetch_and_or(&conn->met, own) & other);
#else
	__sync_fetch_and_add(&conn->met, own);
	return !!(*(volatile __u32 *)&conn->met & (other | other << 1));
#endif
}

/*
 * The socket is released while it is connecting, and may be established before tcp_close() has
 * its lock. Then what the close leads to looks for this note.
 */
static __always_inline void note_release(__u64 cookie)
{
	struct tcpt_abi_task by = {};

	current_task(&by);
	by.releases = 1;
	bpf_map_update_elem(&connectors, &cookie, &by, BPF_ANY);
}

static __always_inline void take_release(__u64 cookie, struct tcpt_abi_conn *conn)
{
	struct tcpt_abi_task *by = bpf_map_lookup_elem(&connectors, &cookie);

	if (!by || !by->releases)
		return;
	conn->closer = *by;
	conn->closer.releases = 0;
	conn->closing = 1;
	bpf_map_delete_elem(&connectors, &cookie);
	meets(conn, TCPT_ABI_MET_RELEASE, 0);
}

/*
 * Nobody has accepted it, and nobody will: its listener ends, which disconnects it. One
 * that is reset in the queue may still be accepted. Known with offsets only; else it looks
 * like any other.
 */
static __always_inline int is_left_by_listener(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	return !conn->reported && is_orphan(sk) && !read_error(sk);
}

static __always_inline void ops_ended(struct bpf_sock_ops *ctx, __u64 cookie, struct sock *sk,
				      struct tcpt_abi_conn *conn, int old)
{
	if (conn->ended)
		return;
	conn->reason = reason_to_end(sk, old);
	read_ops_figures(ctx, sk, conn, old, 1);
	conn->ended = old;
	if (meets(conn, TCPT_ABI_MET_END, TCPT_ABI_MET_RELEASE))
		ops_closed(cookie, conn, 0);
	else if (is_left_by_listener(sk, conn))
		forget(by_cookie(cookie));
	else if (conn->reported && is_disconnect(sk, old))
		closed_unseen(by_cookie(cookie), conn);
}

/* A change of state that is no end, and no FIN of this end, leads to nothing. */
static __always_inline int is_ops_step(int old, int state)
{
	return state == TCPT_CLOSE || old == state || is_own_fin(old, state);
}

/* Before the end nothing is read from the sock itself. */
static __always_inline void ops_finishing(struct bpf_sock_ops *ctx, __u64 cookie,
					  struct tcpt_abi_conn *conn, int old)
{
	conn->reason = first_to_close(old);
	read_ops_figures(ctx, NULL, conn, old, 0);
	ops_closed(cookie, conn, 0);
}

static __always_inline void ops_changed(struct bpf_sock_ops *ctx, __u64 cookie, int old, int state)
{
	struct tcpt_abi_conn *conn;

	if (state == TCPT_CLOSE && old == TCPT_SYN_SENT)
		ops_failed_unknown(cookie);
	if (state == TCPT_CLOSE && (old == TCPT_SYN_SENT || old == TCPT_SYN_RECV))
		ops_failed(cookie, sock_at(ctx->sk), 0);
	conn = find_conn(by_cookie(cookie));
	if (conn && !conn->closing)
		take_release(cookie, conn);
	if (state == TCPT_CLOSE && conn)
		ops_ended(ctx, cookie, sock_at(ctx->sk), conn, old);
	else if (state == TCPT_CLOSE)
		unhide(by_cookie(cookie));
	else if (conn && conn->closing)
		ops_finishing(ctx, cookie, conn, old);
}

/* ---- the close by a task ---- */

/*
 * Two generations of programs see the same release of a socket that has no entry. The first
 * leaves a mark for the second.
 */
static __always_inline int is_released_already(__u64 cookie)
{
	__u32 own = OWN_TURN, *first;

	if (!is_shared())
		return 0;
	first = bpf_map_lookup_elem(&released, &cookie);
	if (first)
		return *first != own;
	bpf_map_update_elem(&released, &cookie, &own, BPF_ANY);
	return 0;
}

/* The trace knew of a connection, or a connect, from taking stock alone. */
static __always_inline void released_existing(__u64 cookie, struct sock *sk,
					      struct tcpt_abi_conn *conn, __u8 state)
{
	__u8 late = state == TCPT_CLOSE ? TCPT_ABI_LATE : 0;
	int error = read_error(sk);

	if (conn->reported == TCPT_ABI_HIDDEN)
		return;
	if (conn->connecting) {
		report_failed(cookie, conn, error ? error : read_soft_error(sk), late);
		return;
	}
	if (!bpf_map_delete_elem(&unannounced, &cookie))
		emit(TCPT_ABI_EXISTING, TCPT_ABI_LATE, conn, &conn->opener, 0);
	note_closer(conn, 1);
	report_older(conn, state);
}

/*
 * The current task closes a connection that has no entry: it was established before the
 * trace, or the map was full. The caller has zeroed conn.
 */
static __always_inline void released_older(__u64 cookie, struct sock *sk,
					   struct tcpt_abi_conn *conn, __u8 state)
{
	if (!is_open_state(state))
		return;
	if (bpf_core_field_exists(sk->__sk_common.skc_state))
		read_tuple(sk, &conn->tuple);
	current_task(&conn->closer);
	conn->reported = decide(&conn->tuple, &conn->closer, conn->role);
	conn->id = new_id();
	conn->cookie = cookie;
	report_older(conn, state);
}

static __always_inline void released_unknown(__u64 cookie, struct sock *sk, __u8 state)
{
	struct tcpt_abi_conn conn = {};

	bpf_map_delete_elem(&connectors, &cookie);
	if (is_released_already(cookie))
		return;
	if (find_hidden(by_cookie(cookie)))
		unhide(by_cookie(cookie));
	else if (take_existing(cookie, &conn))
		released_existing(cookie, sk, &conn, state);
	else
		released_older(cookie, sk, &conn, state);
}

/*
 * Returns the entry of a socket that is released and had none when that began: another CPU may
 * have established it since.
 */
static __always_inline struct tcpt_abi_conn *find_released(__u64 cookie, struct sock *sk,
							   __u8 state)
{
	struct tcpt_abi_conn *conn;

	if (bpf_map_lookup_elem(&pending, &cookie)) {
		note_release(cookie);
		conn = find_conn(by_cookie(cookie));
		if (conn)
			bpf_map_delete_elem(&connectors, &cookie);
		return conn;
	}
	conn = find_conn(by_cookie(cookie));
	if (!conn)
		released_unknown(cookie, sk, state);
	return conn;
}

/* The last descriptor of the socket is gone; tcp_close() comes next. */
static __always_inline void socket_released(__u64 cookie, struct sock *sk, __u8 state)
{
	struct tcpt_abi_conn *conn = find_conn(by_cookie(cookie));

	if (!conn)
		conn = find_released(cookie, sk, state);
	if (!conn)
		return;
	note_closer(conn, 1);
	if (meets(conn, TCPT_ABI_MET_RELEASE, TCPT_ABI_MET_END))
		ops_closed(cookie, conn, 0);
}

#endif
