// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer's attach points. Which of them are loaded is the attach mode's
 * choice (libtcpt/attach.c); what they mean is in connect.h, accept.h, close.h.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "accept.h"
#include "close.h"

/*
 * Every state change has two programs, because the kernel skips one that would
 * run inside itself on its CPU. Raw tracepoint programs can be preempted and
 * then miss whole runs of changes; kprobe programs are skipped even while a
 * task on their CPU is in a bpf() call on a map. The first leaves a mark; the
 * second finds it and leaves, or does the first one's work.
 */
static __always_inline void mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	own->last_sk = key_of(sk);
	own->last_change = (__u64)old << 32 | (__u32)state;
}

static __always_inline int take_mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own || own->last_sk != key_of(sk) ||
	    own->last_change != ((__u64)old << 32 | (__u32)state))
		return 0;
	own->last_sk = 0;
	return 1;
}

static __always_inline int is_own_fin(int old, int state)
{
	return (state == TCPT_FIN_WAIT1 && (old == TCPT_ESTABLISHED || old == TCPT_SYN_RECV)) ||
	       (state == TCPT_LAST_ACK && old == TCPT_CLOSE_WAIT);
}

/*
 * tcp_close changes the state in the closing task's own context, with
 * sk_shutdown already complete. One that follows shutdown() "changes" it to
 * what it was, and of one that follows the peer's reset destroyed() tells.
 */
static __always_inline int is_change_by_close(struct sock *sk, int old, int state)
{
	if (state == TCPT_CLOSE)
		return old == TCPT_CLOSE || is_reset_by_close(sk, old);
	return (old == state || is_own_fin(old, state)) && BPF_CORE_READ(sk, sk_shutdown) == 3;
}

static __always_inline void changed_state(struct sock *sk, int old, int state, int first)
{
	if (state == TCPT_SYN_SENT)
		connecting(sk);
	else if (state == TCPT_ESTABLISHED)
		established(sk, old, first);
	else if (state == TCPT_CLOSE)
		ended(sk, old);
	else if (is_own_fin(old, state))
		taken_unseen(sk);
}

/* ---- kprobe mode ---- */

/* tcp_set_state is entered before the change: the sock still has its old state. */
SEC("kprobe/tcp_set_state")
int kp_set_state(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	int old = read_state(sk), state = PT_REGS_PARM2(ctx);

	changed_state(sk, old, state, 1);
	mark(sk, old, state);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int rt_state_kp(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (!take_mark(sk, old, state))
		changed_state(sk, old, state, 0);
	return 0;
}

SEC("kprobe/tcp_connect")
int kp_connect(struct pt_regs *ctx)
{
	connecting((struct sock *)PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kprobe/security_sock_graft")
int kp_graft(struct pt_regs *ctx)
{
	accepted((struct sock *)PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kprobe/tcp_close")
int kp_close(struct pt_regs *ctx)
{
	closing((struct sock *)PT_REGS_PARM1(ctx));
	return 0;
}

/* Only what tcp_close has missed. */
SEC("raw_tp/tcp_destroy_sock")
int rt_destroy_kp(struct bpf_raw_tracepoint_args *ctx)
{
	destroyed((struct sock *)ctx->args[0], TCPT_ABI_LATE);
	return 0;
}

/* ---- tracepoint mode ---- */

static __always_inline void changed_by_close(struct sock *sk, int older)
{
	struct tcpt_abi_conn *conn;

	opened_unseen(sk);
	conn = find_conn(sk);
	if (conn && !conn->reported && !is_of_a_task(sk))
		forget(sk);
	else if (conn)
		closed(sk, conn, 0);
	else if (older)
		closed_older(sk);
}

/* What has no entry to take away, only one of the two may report: the first. */
static __always_inline void changed_or_closed(struct sock *sk, int old, int state, int first)
{
	if (is_change_by_close(sk, old, state))
		changed_by_close(sk, first && old != state);
	changed_state(sk, old, state, first);
}

SEC("tp/sock/inet_sock_set_state")
int tp_set_state(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct sock *sk = (struct sock *)ctx->skaddr;
	int old = ctx->oldstate, state = ctx->newstate;

	changed_or_closed(sk, old, state, 1);
	mark(sk, old, state);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int rt_state_tp(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (!take_mark(sk, old, state))
		changed_or_closed(sk, old, state, 0);
	return 0;
}

/* Runs in the closing task when the connection had come to CLOSE before. */
SEC("tp/tcp/tcp_destroy_sock")
int tp_destroy(struct trace_event_raw_tcp_event_sk *ctx)
{
	destroyed((struct sock *)ctx->skaddr, 0);
	return 0;
}

SEC("raw_tp/tcp_destroy_sock")
int rt_destroy_tp(struct bpf_raw_tracepoint_args *ctx)
{
	destroyed((struct sock *)ctx->args[0], 0);
	return 0;
}

static __always_inline int accept_returned(const struct trace_event_raw_sys_exit *ctx)
{
	long fd = ctx->ret;
	struct sock *sk;

	if (fd < 0)
		return 0;
	sk = sock_of_fd(fd);
	if (sk)
		accepted(sk);
	return 0;
}

SEC("tp/syscalls/sys_exit_accept")
int tp_accept(struct trace_event_raw_sys_exit *ctx)
{
	return accept_returned(ctx);
}

SEC("tp/syscalls/sys_exit_accept4")
int tp_accept4(struct trace_event_raw_sys_exit *ctx)
{
	return accept_returned(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
