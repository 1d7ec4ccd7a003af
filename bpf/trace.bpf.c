// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer's attach points. Which of them are loaded is the attach mode's
 * choice (libtcpt/attach.c); what they mean is in connect.h, accept.h, close.h.
 *
 * kp_* kprobe mode; rt_*, tp_* tracepoint mode.
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

static __always_inline void changed_state(struct sock *sk, int old, int state)
{
	if (state == TCPT_SYN_SENT)
		connecting(sk);
	else if (state == TCPT_ESTABLISHED)
		established(sk, old);
	else if (state == TCPT_CLOSE)
		ended(sk, old);
}

/* tcp_set_state is entered before the change: the sock still has its old state. */
SEC("kprobe/tcp_set_state")
int kp_set_state(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);

	changed_state(sk, read_state(sk), PT_REGS_PARM2(ctx));
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

static __always_inline int is_own_fin(int old, int state)
{
	return (state == TCPT_FIN_WAIT1 && (old == TCPT_ESTABLISHED || old == TCPT_SYN_RECV)) ||
	       (state == TCPT_LAST_ACK && old == TCPT_CLOSE_WAIT);
}

/*
 * tcp_close changes the state in the closing task's own context, with
 * sk_shutdown already complete. One that follows shutdown() "changes" it to
 * what it was. Of CLOSE the trace is told by rt_destroy.
 */
static __always_inline void changed_by_close(struct sock *sk, int old, int state, int older)
{
	struct tcpt_abi_conn *conn;

	if (state == TCPT_CLOSE || (old != state && !is_own_fin(old, state)))
		return;
	if (BPF_CORE_READ(sk, sk_shutdown) != 3)
		return;
	opened_unseen(sk);
	conn = find_conn(sk);
	if (conn)
		closed(sk, conn);
	else if (older && old != state)
		closed_older(sk);
}

/*
 * Raw tracepoint programs can be preempted, and the kernel skips one that is
 * already running on the CPU. The second of the twins then still runs. In the
 * common case it finds the first one's mark and leaves.
 */
static __always_inline void mark(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (own) {
		own->last_sk = key_of(sk);
		own->last_change = (__u64)old << 32 | (__u32)state;
	}
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

SEC("raw_tp/inet_sock_set_state")
int rt_set_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	changed_by_close(sk, old, state, 1);
	changed_state(sk, old, state);
	mark(sk, old, state);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int rt_set_state_2(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (take_mark(sk, old, state))
		return 0;
	changed_by_close(sk, old, state, 0);
	changed_state(sk, old, state);
	return 0;
}

/* Runs in the closing task when the connection had come to CLOSE before. */
SEC("raw_tp/tcp_destroy_sock")
int rt_destroy(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	struct tcpt_abi_conn *conn = find_conn(sk);

	if (conn)
		closed(sk, conn);
	return 0;
}

struct sys_exit {
	__u64 common;
	long id;
	long ret;
};

static __always_inline int accept_returned(const struct sys_exit *ctx)
{
	struct sock *sk;

	if (ctx->ret < 0)
		return 0;
	sk = sock_of_fd(ctx->ret);
	if (sk)
		accepted(sk);
	return 0;
}

SEC("tp/syscalls/sys_exit_accept")
int tp_accept(struct sys_exit *ctx)
{
	return accept_returned(ctx);
}

SEC("tp/syscalls/sys_exit_accept4")
int tp_accept4(struct sys_exit *ctx)
{
	return accept_returned(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
