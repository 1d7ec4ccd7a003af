/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The attach points of tracepoint mode. */
#ifndef TCPT_TRACEPOINT_H
#define TCPT_TRACEPOINT_H

#include "change.h"
#include "fd.h"

/*
 * tcp_close() changes the state in the closing task, after it has completed
 * sk_shutdown. After shutdown() it "changes" the state to the same one. After the
 * peer's reset it does not change it; destroyed() reports such a close.
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

/*
 * Before the steps of a change: a close may bring it about. The first of the two programs
 * alone reports what has no map entry to delete.
 */
static __always_inline void changing(struct sock *sk, int old, int state, int first)
{
	adopt(sk);
	if (is_change_by_close(sk, old, state))
		note_close(sk, old, first && old != state && !is_handled_by_other(sk, old, state));
}

static __always_inline struct tcpt_abi_connect *connect_of(__u64 thread)
{
	__u32 key = (__u32)thread % TCPT_ABI_CONNECTS;

	return bpf_map_lookup_elem(&connects, &key);
}

/*
 * connect() begins. sendto() with MSG_FASTOPEN, io_uring and 32-bit programs do not
 * pass here. A sock that a thread connects in such a way must not be taken for the
 * one of a later call.
 */
static __always_inline void connect_called(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tcpt_abi_connect *connect = connect_of(thread);

	if (!connect)
		return;
	connect->sk = 0;
	connect->thread = thread;
}

/*
 * connect() clears the remote port when it fails, and an address that it has chosen. They
 * are noted for the hooks that come after that. The local port is not known yet: the ends
 * have no family, which says that they are not whole.
 */
static __always_inline void note_ends(struct sock *sk)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);

	if (!connect || !is_tcp_sock(sk))
		return;
	read_tuple(sk, &connect->tuple);
	connect->tuple.family = 0;
}

/* Notes the sock that the call connects; of MPTCP the subflow, which comes last. */
static __always_inline void note_connect(struct sock *sk)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tcpt_abi_connect *connect = connect_of(thread);

	if (connect && connect->thread == thread)
		connect->sk = key_of(sk);
	note_ends(sk);
}

/* Returns the sock that the returning call connects; NULL if there is none. */
static __always_inline struct sock *take_connect(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tcpt_abi_connect *connect = connect_of(thread);

	if (!connect || connect->thread != thread)
		return NULL;
	connect->thread = 0;
	return (struct sock *)(unsigned long)connect->sk;
}

#define ERESTARTSYS 512 /* of the kernel alone, like those above it: a signal came */

/* A call that leaves the connect under way returns none of its errors. */
static __always_inline int error_of_call(struct sock *sk, int result)
{
	int is_over = result != EINPROGRESS && result != EALREADY && result != EINTR &&
		      result < ERESTARTSYS;

	return is_over ? result : read_error(sk);
}

/*
 * connect() returns without success. The soft error is noted here, before the program
 * can ask for it and so clear it. Later a refusal is a soft error only if it comes
 * while another system call on that socket runs.
 * Where the change to CLOSE was missed, the result is all that is left of the error.
 */
static __always_inline void connect_returned(struct sock *sk, int result)
{
	__u64 key = key_of(owner_of(sk));
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);
	int error;

	if (!connect)
		return;
	error = read_soft_error(sk);
	if (!error && read_state(sk) == TCPT_CLOSE)
		error = error_of_call(sk, result);
	if (error)
		connect->refusal = error;
	if (bpf_core_field_exists(sk->sk_err_soft))
		connect->heeds = TCPT_ABI_HEEDS_IPV4 | TCPT_ABI_HEEDS_IPV6;
}

static __always_inline void tp_changed(__u32 step, struct sock *sk, int old, int state, int first)
{
	changed_in(step, sk, old, state, first);
	if (step == TCPT_ABI_STEP_CONNECTING || (step == TCPT_ABI_STEPS && state == TCPT_SYN_SENT))
		note_connect(sk);
	if (first)
		mark(sk, old, state);
}

SEC("tp/sock/inet_sock_set_state")
int tp_set_state(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct sock *sk = (struct sock *)ctx->skaddr;
	int old = ctx->oldstate, state = ctx->newstate;

	if (!is_in_turn())
		return 0;
	changing(sk, old, state, 1);
	go_on(ctx, tp_steps, step_of(old, state), tp_changed(TCPT_ABI_STEPS, sk, old, state, 1));
	return 0;
}

static __always_inline void tp_step(struct trace_event_raw_inet_sock_set_state *ctx, __u32 step)
{
	tp_changed(step, (struct sock *)ctx->skaddr, ctx->oldstate, ctx->newstate, 1);
}

STEPS_OF_CHANGE("tp", struct trace_event_raw_inet_sock_set_state, tp)

SEC("raw_tp/inet_sock_set_state")
int rt_state_tp(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (!is_in_turn())
		return 0;
	if (take_mark(sk, old, state))
		return 0;
	changing(sk, old, state, 0);
	go_on(ctx, rtp_steps, step_of(old, state), tp_changed(TCPT_ABI_STEPS, sk, old, state, 0));
	return 0;
}

static __always_inline void rtp_step(struct bpf_raw_tracepoint_args *ctx, __u32 step)
{
	tp_changed(step, (struct sock *)ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

STEPS_OF_CHANGE("raw_tp", struct bpf_raw_tracepoint_args, rtp)

/* Runs in the closing task if the connection came to CLOSE before. */
SEC("tp/tcp/tcp_destroy_sock")
int tp_destroy(struct trace_event_raw_tcp_event_sk *ctx)
{
	if (!is_in_turn())
		return 0;
	destroyed((struct sock *)ctx->skaddr, 0);
	return 0;
}

SEC("raw_tp/tcp_destroy_sock")
int rt_destroy_tp(struct bpf_raw_tracepoint_args *ctx)
{
	if (!is_in_turn())
		return 0;
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
	if (fd < 0 || !is_in_turn())
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

SEC("tp/syscalls/sys_enter_connect")
int tp_connect_call(void *ctx)
{
	connect_called();
	return 0;
}

SEC("tp/syscalls/sys_exit_connect")
int tp_connect(struct trace_event_raw_sys_exit *ctx)
{
	struct sock *sk;

	if (!is_in_turn())
		return 0;
	sk = take_connect();
	if (sk && ctx->ret)
		connect_returned(sk, -ctx->ret);
	return 0;
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

/* dup2() of a descriptor to itself makes no new one. */
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

#endif
