/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The attach points of fentry mode.
 *
 * A task can be preempted inside a fentry program. Until it runs again, the kernel
 * skips that program for all other tasks on its CPU. Raw tracepoint programs of newer
 * kernels are preempted in the same way. Therefore each step has two programs, and a
 * change of state has one on a tracepoint, which cannot be preempted. Without it both
 * programs of a close might be skipped.
 */
#ifndef TCPT_FENTRY_H
#define TCPT_FENTRY_H

#include "change.h"
#include "fd.h"

SEC("tp/sock/inet_sock_set_state")
int tp_state_fe(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct sock *sk = (struct sock *)ctx->skaddr;
	int old = ctx->oldstate, state = ctx->newstate;

	if (!is_in_turn())
		return 0;
	adopt(sk);
	changed_first(TCPT_ABI_STEPS, sk, old, state);
	return 0;
}

SEC("tp/tcp/tcp_destroy_sock")
int tp_destroy_fe(struct trace_event_raw_tcp_event_sk *ctx)
{
	if (!is_in_turn())
		return 0;
	destroyed((struct sock *)ctx->skaddr, TCPT_ABI_LATE);
	return 0;
}

/* This serves kernels that cannot pin the link of that tracepoint. */
SEC("fentry/tcp_set_state")
int fe_set_state(__u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	int old = read_state(sk), state = ctx[1];

	if (!is_in_turn())
		return 0;
	adopt(sk);
	changed_first(TCPT_ABI_STEPS, sk, old, state);
	return 0;
}

SEC("fentry/tcp_connect")
int fe_connect(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	attempting((struct sock *)ctx[0]);
	return 0;
}

SEC("fentry/ip_icmp_error")
int fe_icmp(__u64 *ctx)
{
	if (is_in_turn())
		refused((struct sock *)ctx[0], ctx[2]);
	return 0;
}

SEC("fentry/ipv6_icmp_error")
int fe_icmp6(__u64 *ctx)
{
	if (is_in_turn())
		refused((struct sock *)ctx[0], ctx[2]);
	return 0;
}

/*
 * Two programs call this, in any order. The second one finds that the first has reported
 * the accept. If the map had no room for it, the second finds the mark: no state is 0. The
 * port tells it from the mark of an earlier connection, if the second was skipped then.
 */
static __always_inline void grafted(struct sock *sk)
{
	int port = BPF_CORE_READ(sk, __sk_common.skc_dport);

	if (take_mark(sk, port, 0))
		return;
	accepted(sk);
	mark(sk, port, 0);
}

SEC("fentry/security_sock_graft")
int fe_graft(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	grafted((struct sock *)ctx[0]);
	return 0;
}

SEC("fentry/security_sock_graft")
int fe_graft_again(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	grafted((struct sock *)ctx[0]);
	return 0;
}

/*
 * This serves kernels without security_sock_graft(). The return value follows the
 * arguments; since Linux 6.10 there are two.
 */
SEC("fexit/inet_csk_accept")
int fx_accept_2(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	accepted((struct sock *)ctx[2]);
	return 0;
}

SEC("fexit/inet_csk_accept")
int fx_accept_4(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	accepted((struct sock *)ctx[4]);
	return 0;
}

SEC("fentry/tcp_close")
int fe_close(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	closing((struct sock *)ctx[0]);
	return 0;
}

SEC("fentry/fd_install")
int fe_fd_install(__u64 *ctx)
{
	if (is_watched())
		fd_installed(ctx[0]);
	return 0;
}

SEC("fentry/do_dup2")
int fe_dup2(__u64 *ctx)
{
	if (is_watched())
		fd_installed(ctx[2]);
	return 0;
}

/*
 * This is no fexit program: at the exit the sock may be in use for another connection
 * already, which a task that was preempted there would end.
 */
SEC("fentry/tcp_close")
int fe_close_again(__u64 *ctx)
{
	if (!is_in_turn())
		return 0;
	closing_known((struct sock *)ctx[0]);
	return 0;
}

#endif
