/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The attach points of cgroup mode. */
#ifndef TCPT_CGROUP_H
#define TCPT_CGROUP_H

#include "cgroup-end.h"

#define ALLOW 1
#define SOCK_STREAM 1

SEC("cgroup/sock_release")
int cg_release(struct bpf_sock *ctx)
{
	if (ctx->type == SOCK_STREAM && ctx->protocol == IPPROTO_TCP && is_in_turn())
		socket_released(bpf_get_socket_cookie(ctx), sock_at(ctx), ctx->state);
	return ALLOW;
}

/* In these operations each socket is a full one, and has all that the steps ask of it. */
SEC("sockops")
int cg_ops(struct bpf_sock_ops *ctx)
{
	__u32 op = ctx->op;
	__u64 cookie;

	if (op != BPF_SOCK_OPS_TCP_CONNECT_CB && op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
	    op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && op != BPF_SOCK_OPS_STATE_CB)
		return ALLOW;
	if (op == BPF_SOCK_OPS_STATE_CB && !is_ops_step(ctx->args[0], ctx->args[1]))
		return ALLOW;
	if (!is_in_turn())
		return ALLOW;
	cookie = bpf_get_socket_cookie(ctx);
	if (op == BPF_SOCK_OPS_STATE_CB)
		ops_changed(ctx, cookie, ctx->args[0], ctx->args[1]);
	else if (op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		ops_connecting(ctx, cookie, sock_at(ctx->sk));
	else if (op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
		 bpf_map_lookup_elem(&pending, &cookie)) /* both ends have sent a SYN */
		ops_opened(ctx, cookie, sock_at(ctx->sk));
	else
		ops_queued(ctx, cookie, sock_at(ctx->sk));
	return ALLOW;
}

SEC("cgroup/connect4")
int cg_connect4(struct bpf_sock_addr *ctx)
{
	if (ctx->protocol == IPPROTO_TCP && is_in_turn())
		ops_called(bpf_get_socket_cookie(ctx));
	return ALLOW;
}

SEC("cgroup/connect6")
int cg_connect6(struct bpf_sock_addr *ctx)
{
	if (ctx->protocol == IPPROTO_TCP && is_in_turn())
		ops_called(bpf_get_socket_cookie(ctx));
	return ALLOW;
}

/*
 * A task accepts what found no room, or was established before the trace; how long it waited
 * is not known. If it has come to CLOSE, that part of its close is over.
 */
static __always_inline void ops_accepted_unqueued(struct sock *sk, __u64 cookie)
{
	struct tcpt_abi_conn conn = {
		.cookie = cookie,
		.role = TCPT_ABI_SERVER,
	};

	if (find_hidden(by_cookie(cookie)) || !is_tcp_sock(sk))
		return;
	read_tuple(sk, &conn.tuple);
	conn.id = new_id();
	if (read_state(sk) == TCPT_CLOSE) {
		conn.ended = TCPT_ESTABLISHED;
		conn.reason = TCPT_ABI_RESET;
		conn.met = TCPT_ABI_MET_END;
	}
	if (!report_accept(by_cookie(cookie), &conn, 0))
		return;
	conn.opened = bpf_ktime_get_ns();
	remember(by_cookie(cookie), &conn);
}

/* A task accepts. Needs the offset of the cookie. */
SEC("kprobe/security_sock_graft")
int cg_graft(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	struct tcpt_abi_conn *conn;
	__u64 cookie;

	if (!is_in_turn() || !is_tcp(sk))
		return 0;
	cookie = read_cookie(sk);
	if (!cookie)
		return 0;
	conn = find_conn(by_cookie(cookie));
	if (!conn)
		ops_accepted_unqueued(sk, cookie);
	else if (!conn->reported)
		report_accept(by_cookie(cookie), conn, 0);
	return 0;
}

/* ICMP refuses a connect (refused() of connect.h says when that matters). */
static __always_inline void ops_refused(struct sock *sk, int error)
{
	struct tcpt_abi_pending *connect;
	__u64 cookie;

	if (!is_in_turn())
		return;
	cookie = read_cookie(sk);
	connect = bpf_map_lookup_elem(&pending, &cookie);
	if (connect && error)
		connect->refusal = error;
}

SEC("kprobe/ip_icmp_error")
int cg_icmp(struct pt_regs *ctx)
{
	ops_refused((struct sock *)PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx));
	return 0;
}

SEC("kprobe/ipv6_icmp_error")
int cg_icmp6(struct pt_regs *ctx)
{
	ops_refused((struct sock *)PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx));
	return 0;
}

/*
 * The end of a sock that no task has released: one that nobody accepted, or a subflow of
 * MPTCP. Or another's program has switched off that the changes of state are seen. Needs
 * the offset of the cookie.
 */
SEC("raw_tp/tcp_destroy_sock")
int cg_destroy(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	struct tcpt_abi_conn *conn;
	__u64 cookie;

	if (!is_in_turn())
		return 0;
	cookie = read_cookie(sk);
	if (!cookie)
		return 0;
	ops_failed(cookie, sk, TCPT_ABI_LATE);
	unhide(by_cookie(cookie));
	conn = find_conn(by_cookie(cookie));
	if (!conn)
		return 0;
	if (conn->closing)
		ops_closed(cookie, conn, TCPT_ABI_LATE);
	else if (guess_closer(by_cookie(cookie), conn))
		conclude(by_cookie(cookie), conn, TCPT_ABI_LATE);
	return 0;
}

#endif
