/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The steps that cgroup mode's programs bring about (cgroup.h), up to the end of a
 * connection (cgroup-end.h).
 *
 * They are programs of the root of the cgroup hierarchy. The kernel does not skip them, so
 * each step has one hook, and no twin. They get what they need from their contexts, so
 * they need no offsets. With offsets they know more: the error of a failed connect, the
 * network namespace, and by a further hook the task that accepts. The key of the maps is
 * the socket's cookie; where a function of conn.h takes a sock as a key, it gets the
 * cookie in the sock's place (by_cookie()).
 *
 *   connecting   cgroup/connect4, connect6: the task; then TCP_CONNECT_CB: the ends
 *   opened       ACTIVE_ESTABLISHED_CB
 *   queued       PASSIVE_ESTABLISHED_CB
 *   accepted     security_sock_graft(), where it can be attached to; else when it is queued
 *   closed       cgroup/sock_release: the task; then STATE_CB: the outcome
 *   failed       STATE_CB
 *
 * A close has two parts, since the programs of sock_ops do not know the task. If the
 * connection comes to CLOSE before its task closes it, the release reports the close.
 * Else the change of state does that the release leads to. On two processors each can
 * come while the other runs: tcpt_abi_conn.met tells each of them who was first.
 *
 * Every program lets the socket do what it is about to do.
 */
#ifndef TCPT_CGROUP_BEGIN_H
#define TCPT_CGROUP_BEGIN_H

#include "change.h"

#define by_cookie(cookie) ((struct sock *)(unsigned long)(cookie))

/* The loader puts the member into the BTF if a hook sees the task that accepts. */
struct tcpt_cgroup_hooks {
	__u8 accept;
} __attribute__((preserve_access_index));

static __always_inline int sees_accepts(void)
{
	struct tcpt_cgroup_hooks *hooks = NULL;

	return bpf_core_field_exists(hooks->accept);
}

/*
 * Returns the address of the sock that a context stands for; NULL without offsets, when
 * nobody has a use for it. The verifier knows it as a pointer to other members.
 */
static __always_inline struct sock *sock_at(const void *pointer)
{
	const void *volatile held = pointer;
	struct sock *sk = NULL;

	if (!bpf_core_field_exists(sk->__sk_common.skc_state))
		return NULL;
	bpf_probe_read_kernel(&sk, sizeof(sk), (const void *)&held);
	return sk;
}

/* ---- what a context of sock_ops says ---- */

/*
 * Each member is loaded on its own: the verifier refuses a loop over the context, and a load
 * that two branches share, from an address that they compute.
 */
static __always_inline void read_ops_v6(struct bpf_sock_ops *ctx, struct tcpt_abi_tuple *tuple)
{
	tuple->family = 6;
	tuple->saddr[0] = ctx->local_ip6[0];
	barrier();
	tuple->saddr[1] = ctx->local_ip6[1];
	barrier();
	tuple->saddr[2] = ctx->local_ip6[2];
	barrier();
	tuple->saddr[3] = ctx->local_ip6[3];
	barrier();
	tuple->daddr[0] = ctx->remote_ip6[0];
	barrier();
	tuple->daddr[1] = ctx->remote_ip6[1];
	barrier();
	tuple->daddr[2] = ctx->remote_ip6[2];
	barrier();
	tuple->daddr[3] = ctx->remote_ip6[3];
	barrier();
}

static __always_inline int is_ops_v6(struct bpf_sock_ops *ctx)
{
	struct in6_addr remote = {};

	if (ctx->family != AF_INET6)
		return 0;
	remote.word[0] = ctx->remote_ip6[0];
	barrier();
	remote.word[1] = ctx->remote_ip6[1];
	barrier();
	remote.word[2] = ctx->remote_ip6[2];
	return !is_v4_mapped(&remote);
}

/* The kernel counts network namespaces from 1 on (include/linux/cookie.h). */
static __always_inline __u32 read_netns_cookie(struct bpf_sock_ops *ctx)
{
	__u64 cookie = bpf_get_netns_cookie(ctx);

	return cookie >> 32 ? 0 : cookie;
}

/* Fills tuple, which the caller has zeroed. */
static __always_inline void read_ops_tuple(struct bpf_sock_ops *ctx, struct sock *sk,
					   struct tcpt_abi_tuple *tuple)
{
	if (is_ops_v6(ctx)) {
		read_ops_v6(ctx, tuple);
	} else {
		tuple->family = 4;
		tuple->saddr[0] = ctx->local_ip4;
		barrier();
		tuple->daddr[0] = ctx->remote_ip4;
		barrier();
	}
	tuple->sport = ctx->local_port;
	tuple->dport = bpf_ntohl(ctx->remote_port);
	tuple->netns = read_netns(sk);
	tuple->netns_cookie = read_netns_cookie(ctx);
}

/*
 * Whether the peer's FIN counts as a byte received. From FIN_WAIT2 it is a FIN or a reset
 * that leads to CLOSE: returns -1 if it is not known which.
 */
static __always_inline int count_ops_fin(struct sock *sk, const struct tcpt_abi_conn *conn,
					 __u8 state, int is_end)
{
	if (!bpf_core_field_exists(sk->sk_shutdown) && state == TCPT_FIN_WAIT2 && is_end)
		return -1;
	return count_peers_fin(sk, conn, state, is_end);
}

/* state is the last one before the change. */
static __always_inline void read_ops_figures(struct bpf_sock_ops *ctx, struct sock *sk,
					     struct tcpt_abi_conn *conn, __u8 state, int is_end)
{
	__u64 bytes = ctx->bytes_acked, extra;
	int fin = count_ops_fin(sk, conn, state, is_end);

	extra = count_own_fin(conn, state, is_end) + (conn->role == TCPT_ABI_CLIENT);
	conn->figures.bytes_sent = bytes > extra ? bytes - extra : 0;
	bytes = ctx->bytes_received;
	conn->figures.bytes_received = fin > 0 && bytes ? bytes - 1 : bytes;
	conn->figures.srtt_us = ctx->srtt_us >> 3;
	conn->figures.retransmits = ctx->total_retrans;
	conn->known = TCPT_ABI_BYTES_SENT | TCPT_ABI_RETRANSMITS |
		      (fin < 0 ? 0 : TCPT_ABI_BYTES_RECEIVED) |
		      (conn->figures.srtt_us ? TCPT_ABI_SRTT : 0);
}

/* ---- steps ---- */

/* The changes of this socket's state are to be seen, beside what others want to see. */
static __always_inline void ask_for_changes(struct bpf_sock_ops *ctx)
{
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
}

/* The current task connects. It is kept until the SYN is sent, if it is. */
static __always_inline void ops_called(__u64 cookie)
{
	struct tcpt_abi_task by = {};

	current_task(&by);
	bpf_map_update_elem(&connectors, &cookie, &by, BPF_ANY);
}

/* A guess connects: its accept, which may have no task, is to be left out too. */
static __always_inline void leave_accept_out(const struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_tuple other = {};
	__u8 one = 1;

	__builtin_memcpy(other.saddr, tuple->daddr, sizeof(other.saddr));
	__builtin_memcpy(other.daddr, tuple->saddr, sizeof(other.daddr));
	other.sport = tuple->dport;
	other.dport = tuple->sport;
	other.netns = tuple->netns;
	other.netns_cookie = tuple->netns_cookie;
	other.family = tuple->family;
	bpf_map_update_elem(&left_out_ends, &other, &one, BPF_ANY);
}

/*
 * The SYN is about to be sent, in the same task. A connection that this socket had before
 * was ended by a connect() to AF_UNSPEC.
 */
static __always_inline void ops_connecting(struct bpf_sock_ops *ctx, __u64 cookie, struct sock *sk)
{
	struct tcpt_abi_task *by = bpf_map_lookup_elem(&connectors, &cookie);
	struct tcpt_abi_conn *stale = find_conn(by_cookie(cookie));
	struct tcpt_abi_pending connect = {};

	if (stale)
		closed_unseen(by_cookie(cookie), stale);
	if (is_seen_by_other(cookie))
		return;
	if (by)
		connect.opener = *by;
	if (!is_shared()) /* the other generation has yet to find it */
		bpf_map_delete_elem(&connectors, &cookie);
	read_ops_tuple(ctx, sk, &connect.tuple);
	if (decide(&connect.tuple, &connect.opener, TCPT_ABI_CLIENT) == TCPT_ABI_HIDDEN) {
		if (!sees_accepts() && is_left_out(&connect.opener))
			leave_accept_out(&connect.tuple);
		hide(by_cookie(cookie), &connect.tuple);
		return;
	}
	unhide(by_cookie(cookie));
	connect.by = OWN_TURN;
	connect.heeds = own_heeds();
	connect.began = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&pending, &cookie, &connect, BPF_ANY)) {
		count(pending_full);
		note_full();
	}
	ask_for_changes(ctx);
}

/*
 * Moves a connection, or a connect under way, from existing to conn. Returns 1 to the one
 * caller that deleted the entry.
 */
static __always_inline int take_existing(__u64 cookie, struct tcpt_abi_conn *conn)
{
	struct tcpt_abi_control *control = controls();
	struct tcpt_abi_conn *entry;

	if (!control || !control->existing)
		return 0;
	entry = bpf_map_lookup_elem(&existing, &cookie);
	if (!entry)
		return 0;
	*conn = *entry;
	if (bpf_map_delete_elem(&existing, &cookie))
		return 0;
	__sync_fetch_and_add(&control->existing, -1);
	return 1;
}

/* An active open succeeded. What is not in pending was under way before the trace. */
static __always_inline void ops_opened(struct bpf_sock_ops *ctx, __u64 cookie, struct sock *sk)
{
	struct tcpt_abi_conn conn = {};
	int is_known = copy_pending(by_cookie(cookie), &conn);
	__u64 began;

	if (!is_known && (find_conn(by_cookie(cookie)) || find_hidden(by_cookie(cookie))))
		return;
	if (!is_known)
		take_existing(cookie, &conn);
	began = conn.opened;
	conn.connecting = 0;
	conn.id = new_id();
	conn.opened = bpf_ktime_get_ns();
	conn.cookie = cookie;
	conn.role = TCPT_ABI_CLIENT;
	__builtin_memset(&conn.tuple, 0, sizeof(conn.tuple));
	read_ops_tuple(ctx, sk, &conn.tuple);
	conn.reported = is_known ? TCPT_ABI_SHOWN :
				   decide(&conn.tuple, &conn.opener, TCPT_ABI_CLIENT);
	if (conn.reported == TCPT_ABI_HIDDEN) {
		hide(by_cookie(cookie), &conn.tuple);
		return;
	}
	remember(by_cookie(cookie), &conn);
	if (is_known) /* now only: find_released() finds one of both */
		bpf_map_delete_elem(&pending, &cookie);
	ask_for_changes(ctx);
	conn.opened = began;
	emit(TCPT_ABI_CONNECT, 0, &conn, &conn.opener, 0);
}

/* Filters hide a passive open, as far as that is known without its task. */
static __always_inline int hides_queued(const struct tcpt_abi_conn *conn)
{
	if (sees_accepts())
		return hides_tuple(filter_keys(), &conn->tuple, TCPT_ABI_SERVER);
	return decide(&conn->tuple, &conn->opener, TCPT_ABI_SERVER) == TCPT_ABI_HIDDEN ||
	       !bpf_map_delete_elem(&left_out_ends, &conn->tuple);
}

/*
 * A passive open. If no hook sees who accepts it, it is reported now, without a task. Two
 * generations of programs may see it: who inserts the entry reports.
 */
static __always_inline void ops_queued(struct bpf_sock_ops *ctx, __u64 cookie, struct sock *sk)
{
	struct tcpt_abi_conn conn = {};

	read_ops_tuple(ctx, sk, &conn.tuple);
	conn.id = new_id();
	conn.opened = bpf_ktime_get_ns();
	conn.cookie = cookie;
	conn.role = TCPT_ABI_SERVER;
	ask_for_changes(ctx);
	if (hides_queued(&conn)) {
		hide(by_cookie(cookie), &conn.tuple);
		return;
	}
	if (sees_accepts()) {
		remember_new(by_cookie(cookie), &conn);
		return;
	}
	conn.reported = TCPT_ABI_SHOWN;
	if (bpf_map_update_elem(&conns, &cookie, &conn, BPF_NOEXIST) == -EEXIST)
		return;
	conn.opened = 0; /* a task has yet to take it */
	emit(TCPT_ABI_ACCEPT, 0, &conn, &conn.opener, 0);
}

/* A connect under way failed. */
static __always_inline void report_failed(__u64 cookie, struct tcpt_abi_conn *conn, int error,
					  __u8 flags)
{
	conn->id = new_id();
	conn->cookie = cookie;
	conn->role = TCPT_ABI_CLIENT;
	emit(TCPT_ABI_FAIL, flags, conn, &conn->opener, error);
}

/*
 * Returns why a connect failed; 0 if that is not known. Without an error its task has given
 * up; but only the hooks that see ICMP errors know that none was there before.
 */
static __always_inline int ops_error(struct sock *sk, const struct tcpt_abi_pending *connect)
{
	int error = read_error(sk);

	if (!error)
		error = read_refusal(sk, connect);
	if (!error && bpf_core_field_exists(sk->sk_err) &&
	    is_heeded(connect, connect->tuple.family))
		error = ECANCELED;
	return error;
}

/*
 * A connect without an entry fails: the map had no room for it, if that was ever so. The older
 * one of two generations of programs counts.
 */
static __always_inline void ops_failed_unknown(__u64 cookie)
{
	struct tcpt_abi_counters *first;
	__u32 zero = 0;

	first = bpf_map_lookup_elem(&counters, &zero);
	if (!first || !first->pending_was_full || (is_shared() && is_in_turn_with_older()))
		return;
	if (!bpf_map_lookup_elem(&pending, &cookie) && !find_hidden(by_cookie(cookie)))
		count(fails_lost);
}

static __always_inline void ops_failed(__u64 cookie, struct sock *sk, __u8 flags)
{
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &cookie);
	struct tcpt_abi_conn conn = {};
	int error;

	if (!connect)
		return;
	error = ops_error(sk, connect);
	bpf_map_delete_elem(&connectors, &cookie);
	if (take_pending(by_cookie(cookie), &conn))
		report_failed(cookie, &conn, error, flags);
}

#endif
