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
 * task on their CPU is in a bpf() call on a map. Whichever comes second finds
 * the mark of the first and leaves.
 */
static __always_inline int is_handled(struct sock *sk, int old, int state)
{
	__u64 change = (__u64)old << 32 | (__u32)state;
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return 0;
	if (own->last_sk == key_of(sk) && own->last_change == change) {
		own->last_sk = 0;
		return 1;
	}
	return 0;
}

static __always_inline void mark_handled(struct sock *sk, int old, int state)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	own->last_sk = key_of(sk);
	own->last_change = (__u64)old << 32 | (__u32)state;
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
static __always_inline int is_change_by_close(struct sock *sk, int old, int state)
{
	if (state == TCPT_CLOSE || (old != state && !is_own_fin(old, state)))
		return 0;
	return BPF_CORE_READ(sk, sk_shutdown) == 3;
}

static __always_inline void changed_state(struct sock *sk, int old, int state)
{
	if (state == TCPT_SYN_SENT)
		connecting(sk);
	else if (state == TCPT_ESTABLISHED)
		established(sk, old);
	else if (state == TCPT_CLOSE)
		ended(sk, old);
	else if (is_own_fin(old, state))
		taken_unseen(sk);
}

/* ---- kprobe mode ---- */

static __always_inline int changed(struct sock *sk, int old, int state)
{
	if (is_handled(sk, old, state))
		return 0;
	changed_state(sk, old, state);
	mark_handled(sk, old, state);
	return 0;
}

/* tcp_set_state is entered before the change: the sock still has its old state. */
SEC("kprobe/tcp_set_state")
int kp_set_state(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);

	return changed(sk, read_state(sk), PT_REGS_PARM2(ctx));
}

SEC("raw_tp/inet_sock_set_state")
int rt_state_kp(struct bpf_raw_tracepoint_args *ctx)
{
	return changed((struct sock *)ctx->args[0], ctx->args[1], ctx->args[2]);
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

/* Only one of the two may report what has no entry to take away: older. */
static __always_inline int changed_or_closed(struct sock *sk, int old, int state, int older)
{
	if (is_handled(sk, old, state))
		return 0;
	if (is_change_by_close(sk, old, state))
		changed_by_close(sk, older && old != state);
	changed_state(sk, old, state);
	mark_handled(sk, old, state);
	return 0;
}

/* The records of both tracepoints begin so (include/trace/events/sock.h, tcp.h, since 4.16). */
struct state_record {
	__u64 common;
	struct sock *sk;
	int old;
	int state;
};

SEC("tp/sock/inet_sock_set_state")
int tp_set_state(struct state_record *ctx)
{
	return changed_or_closed(ctx->sk, ctx->old, ctx->state, 1);
}

SEC("raw_tp/inet_sock_set_state")
int rt_state_tp(struct bpf_raw_tracepoint_args *ctx)
{
	return changed_or_closed((struct sock *)ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

/* Runs in the closing task when the connection had come to CLOSE before. */
SEC("tp/tcp/tcp_destroy_sock")
int tp_destroy(struct state_record *ctx)
{
	destroyed(ctx->sk, 0);
	return 0;
}

SEC("raw_tp/tcp_destroy_sock")
int rt_destroy_tp(struct bpf_raw_tracepoint_args *ctx)
{
	destroyed((struct sock *)ctx->args[0], 0);
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
