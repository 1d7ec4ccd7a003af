// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer's attach points. Which of them are loaded is the attach mode's
 * choice (libtcpt/hooks.c); what they mean is in connect.h, accept.h, close.h.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "accept.h"
#include "change.h"
#include "cookie.h"
#include "fd.h"

/* ---- kprobe mode and fentry mode ---- */

SEC("raw_tp/inet_sock_set_state")
int rt_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (take_mark(sk, old, state))
		return 0;
	adopt(sk);
	changed_state(sk, old, state, 0);
	return 0;
}

/* Only what tcp_close has missed. */
SEC("raw_tp/tcp_destroy_sock")
int rt_destroy(struct bpf_raw_tracepoint_args *ctx)
{
	destroyed((struct sock *)ctx->args[0], TCPT_ABI_LATE);
	return 0;
}

/* ---- kprobe mode ---- */

/* tcp_set_state is entered before the change: the sock still has its old state. */
SEC("kprobe/tcp_set_state")
int kp_set_state(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)PT_REGS_PARM1(ctx);
	int old = read_state(sk), state = PT_REGS_PARM2(ctx);

	adopt(sk);
	changed_state(sk, old, state, 1);
	mark(sk, old, state);
	return 0;
}

SEC("kprobe/tcp_connect")
int kp_connect(struct pt_regs *ctx)
{
	attempting((struct sock *)PT_REGS_PARM1(ctx));
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

SEC("kprobe/fd_install")
int kp_fd_install(struct pt_regs *ctx)
{
	if (is_watched())
		fd_installed(PT_REGS_PARM1(ctx));
	return 0;
}

/* dup2 and dup3 do not go through fd_install. */
SEC("kprobe/do_dup2")
int kp_dup2(struct pt_regs *ctx)
{
	if (is_watched())
		fd_installed(PT_REGS_PARM3(ctx));
	return 0;
}

/* Where there is no security_sock_graft. Before: the socket is not the task's yet. */
SEC("kretprobe/inet_csk_accept")
int kr_accept(struct pt_regs *ctx)
{
	accepted((struct sock *)PT_REGS_RC(ctx));
	return 0;
}

/*
 * ---- fentry mode ----
 *
 * A task can be preempted in the midst of a fentry program, for long where many
 * tasks wait, and until it goes on the kernel skips the program for all others
 * on that CPU. On newer kernels raw tracepoints are no better. Another program
 * has a chance of its own, so each step has two; and the changes of state have
 * a tracepoint's, which cannot be preempted, or nobody might see a close at all.
 */

SEC("tp/sock/inet_sock_set_state")
int tp_state_fe(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct sock *sk = (struct sock *)ctx->skaddr;
	int old = ctx->oldstate, state = ctx->newstate;

	adopt(sk);
	changed_state(sk, old, state, 1);
	mark(sk, old, state);
	return 0;
}

SEC("tp/tcp/tcp_destroy_sock")
int tp_destroy_fe(struct trace_event_raw_tcp_event_sk *ctx)
{
	destroyed((struct sock *)ctx->skaddr, TCPT_ABI_LATE);
	return 0;
}

/* Where that tracepoint's link cannot be pinned. */
SEC("fentry/tcp_set_state")
int fe_set_state(__u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	int old = read_state(sk), state = ctx[1];

	adopt(sk);
	changed_state(sk, old, state, 1);
	mark(sk, old, state);
	return 0;
}

SEC("fentry/tcp_connect")
int fe_connect(__u64 *ctx)
{
	attempting((struct sock *)ctx[0]);
	return 0;
}

SEC("fentry/security_sock_graft")
int fe_graft(__u64 *ctx)
{
	accepted((struct sock *)ctx[0]);
	return 0;
}

/* In whichever order the two run, only one finds the accept not reported. */
SEC("fentry/security_sock_graft")
int fe_graft_again(__u64 *ctx)
{
	accepted_known((struct sock *)ctx[0]);
	return 0;
}

/* Where there is no security_sock_graft. The result lies behind the arguments, of which 6.10 has two. */
SEC("fexit/inet_csk_accept")
int fx_accept_2(__u64 *ctx)
{
	accepted((struct sock *)ctx[2]);
	return 0;
}

SEC("fexit/inet_csk_accept")
int fx_accept_4(__u64 *ctx)
{
	accepted((struct sock *)ctx[4]);
	return 0;
}

SEC("fentry/tcp_close")
int fe_close(__u64 *ctx)
{
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
 * At the exit the sock may be another connection's already, and a task that was
 * preempted there would end that.
 */
SEC("fentry/tcp_close")
int fe_close_again(__u64 *ctx)
{
	closing_known((struct sock *)ctx[0]);
	return 0;
}

/* ---- tracepoint mode ---- */

/*
 * tcp_close changes the state in the closing task's own context, with
 * sk_shutdown already complete. One that follows shutdown() "changes" it to
 * what it was, and of one that follows the peer's reset destroyed() tells.
 */
static __always_inline int is_change_by_close(struct sock *sk, int old, int state)
{
	if (state == TCPT_CLOSE)
		return old == TCPT_CLOSE || is_reset_by_close(sk, old);
	if (old == state)
		return is_shut(sk);
	return is_own_fin(old, state) && is_shut(sk) && !is_in_shutdown();
}

static __always_inline void note_close(struct sock *sk, int old, int older)
{
	struct tcpt_abi_conn *conn;

	opened_unseen(sk);
	conn = find_conn(sk);
	if (!conn && older)
		conn = find_older(sk, old);
	if (!conn)
		return;
	if (!conn->reported && !is_of_a_task(sk))
		forget(sk);
	else
		note_closer(conn, 1);
}

/* What has no entry to take away, only one of the two may report: the first. */
static __always_inline void changed_or_closed(struct sock *sk, int old, int state, int first)
{
	adopt(sk);
	if (is_change_by_close(sk, old, state))
		note_close(sk, old, first && old != state);
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

SEC("tp/syscalls/sys_enter_shutdown")
int tp_shutdown(void *ctx)
{
	__u64 key = bpf_get_current_pid_tgid();
	__u8 value = 1;

	bpf_map_update_elem(&shutdowns, &key, &value, BPF_ANY);
	return 0;
}

SEC("tp/syscalls/sys_exit_shutdown")
int tp_shutdown_end(void *ctx)
{
	__u64 key = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&shutdowns, &key);
	return 0;
}

static __always_inline int accept_returned(const struct trace_event_raw_sys_exit *ctx)
{
	long fd = ctx->ret;
	struct sock *sk;

	fd_returned(fd);
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

SEC("tp/syscalls/sys_exit_socket")
int tp_socket(struct trace_event_raw_sys_exit *ctx)
{
	fd_returned(ctx->ret);
	return 0;
}

SEC("tp/syscalls/sys_exit_dup")
int tp_dup(struct trace_event_raw_sys_exit *ctx)
{
	fd_returned(ctx->ret);
	return 0;
}

/* dup2 of a descriptor to itself changes nothing. */
SEC("tp/syscalls/sys_enter_dup2")
int tp_dup2_enter(struct trace_event_raw_sys_enter *ctx)
{
	fd_expected((__u32)ctx->arg0 != (__u32)ctx->arg1);
	return 0;
}

SEC("tp/syscalls/sys_exit_dup2")
int tp_dup2(struct trace_event_raw_sys_exit *ctx)
{
	expected_fd_returned(ctx->ret);
	return 0;
}

SEC("tp/syscalls/sys_exit_dup3")
int tp_dup3(struct trace_event_raw_sys_exit *ctx)
{
	fd_returned(ctx->ret);
	return 0;
}

SEC("tp/syscalls/sys_enter_fcntl")
int tp_fcntl_enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 command = ctx->arg1;

	fd_expected(command == F_DUPFD || command == F_DUPFD_CLOEXEC);
	return 0;
}

SEC("tp/syscalls/sys_exit_fcntl")
int tp_fcntl(struct trace_event_raw_sys_exit *ctx)
{
	expected_fd_returned(ctx->ret);
	return 0;
}

/* ---- all modes ---- */

/* Attached to nothing: the loader runs it. */
SEC("raw_tp")
int announce(struct bpf_raw_tracepoint_args *ctx)
{
	announced(ctx->args[0]);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
