/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The attach points of kprobe mode, and two that fentry mode has too. */
#ifndef TCPT_KPROBE_H
#define TCPT_KPROBE_H

#include "change.h"
#include "cookie.h"
#include "fd.h"

SEC("raw_tp/inet_sock_set_state")
int rt_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (!is_in_turn())
		return 0;
	if (take_mark(sk, old, state))
		return 0;
	adopt(sk);
	go_on(ctx, rt_steps, step_of(old, state), changed_in(TCPT_ABI_STEPS, sk, old, state, 0));
	return 0;
}

static __always_inline void rt_step(struct bpf_raw_tracepoint_args *ctx, __u32 step)
{
	changed_in(step, (struct sock *)ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

STEPS_OF_CHANGE("raw_tp", struct bpf_raw_tracepoint_args, rt)

/* Reports only what the program on tcp_close() missed. */
SEC("raw_tp/tcp_destroy_sock")
int rt_destroy(struct bpf_raw_tracepoint_args *ctx)
{
	if (!is_in_turn())
		return 0;
	destroyed((struct sock *)ctx->args[0], TCPT_ABI_LATE);
	return 0;
}

/* At the entry of tcp_set_state() and mptcp_set_state() the sock still has its old state. */
SEC("kprobe/tcp_set_state")
int kp_set_state(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	int old = read_state(sk), state = PT_REGS_PARM2(ctx);

	if (!is_in_turn())
		return 0;
	adopt(sk);
	go_on(ctx, kp_steps, step_of(old, state), changed_first(TCPT_ABI_STEPS, sk, old, state));
	return 0;
}

static __always_inline void kp_step(struct pt_regs *ctx, __u32 step)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);

	changed_first(step, sk, read_state(sk), PT_REGS_PARM2(ctx));
}

STEPS_OF_CHANGE("kprobe", struct pt_regs, kp)

SEC("kprobe/tcp_connect")
int kp_connect(struct pt_regs *ctx)
{
	if (!is_in_turn())
		return 0;
	attempting((struct sock *)PT_REGS_PARM1(ctx));
	return 0;
}

/*
 * The kernel calls this for every ICMP error of a socket, also if the program did not
 * ask for errors; for connects since Linux 5.8.
 */
SEC("kprobe/ip_icmp_error")
int kp_icmp(struct pt_regs *ctx)
{
	if (is_in_turn())
		refused((struct sock *)PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx));
	return 0;
}

SEC("kprobe/ipv6_icmp_error")
int kp_icmp6(struct pt_regs *ctx)
{
	if (is_in_turn())
		refused((struct sock *)PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx));
	return 0;
}

SEC("kprobe/security_sock_graft")
int kp_graft(struct pt_regs *ctx)
{
	if (!is_in_turn())
		return 0;
	accepted((struct sock *)PT_REGS_PARM1(ctx));
	return 0;
}

/* The destruction of an MPTCP sock has no tracepoint. */
SEC("kprobe/mptcp_destroy")
int kp_destroy(struct pt_regs *ctx)
{
	if (!is_in_turn())
		return 0;
	destroyed((struct sock *)PT_REGS_PARM1(ctx), TCPT_ABI_LATE);
	return 0;
}

/* At the entry of tcp_close() and mptcp_close(), which every close by a task enters. */
SEC("kprobe/tcp_close")
int kp_close(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	__u8 state = read_state(sk);

	if (!is_in_turn())
		return 0;
	adopt(sk);
	go_on(ctx, kp_steps, TCPT_ABI_STEP_CLOSING, closing_in(sk, state));
	return 0;
}

static __always_inline void kp_find_step(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);

	if (find_closing(sk, read_state(sk)))
		go_on(ctx, kp_steps, TCPT_ABI_STEP_CLOSED, (void)0);
}

static __always_inline void kp_close_step(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	struct tcpt_abi_conn *conn = find_conn(sk);

	if (conn)
		closing_conn(sk, conn, read_state(sk));
}

STEP("kprobe", struct pt_regs, kp_closing, kp_find_step(ctx))
STEP("kprobe", struct pt_regs, kp_closed, kp_close_step(ctx))

SEC("kprobe/fd_install")
int kp_fd_install(struct pt_regs *ctx)
{
	if (is_watched())
		fd_installed(PT_REGS_PARM1(ctx));
	return 0;
}

/*
 * Up to Linux 5.10 fd_install() only calls this function, and the compiler may have put
 * that call in the place of calls of fd_install(). Drivers install descriptors into the
 * tables of other tasks by it.
 */
SEC("kprobe/__fd_install")
int kp_install_into(struct pt_regs *ctx)
{
	if (is_watched() && is_own_table((struct files_struct *)PT_REGS_PARM1(ctx)))
		fd_installed(PT_REGS_PARM2(ctx));
	return 0;
}

/* dup2() and dup3() do not call fd_install(). */
SEC("kprobe/do_dup2")
int kp_dup2(struct pt_regs *ctx)
{
	if (is_watched())
		fd_installed(PT_REGS_PARM3(ctx));
	return 0;
}

/*
 * This serves kernels without security_sock_graft(). At the entry the task does not
 * have the socket yet.
 */
SEC("kretprobe/inet_csk_accept")
int kr_accept(struct pt_regs *ctx)
{
	if (!is_in_turn())
		return 0;
	accepted((struct sock *)PT_REGS_RC(ctx));
	return 0;
}

#endif
