/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The attach points of tracepoint mode. */
#ifndef TCPT_TRACEPOINT_H
#define TCPT_TRACEPOINT_H

#include "change.h"
#include "fd.h"

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

static __always_inline struct tcpt_abi_connect *connect_of(__u64 thread)
{
	__u32 key = (__u32)thread % TCPT_ABI_CONNECTS;

	return bpf_map_lookup_elem(&connects, &key);
}

/*
 * A call of connect() begins. By sendto() with MSG_FASTOPEN, io_uring and 32-bit
 * programs, which do not pass here, a thread can begin to connect another sock, and
 * that must not be taken for one of a later call.
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

/* That call connects this sock, of MPTCP the subflow last: for connect_returned(). */
static __always_inline void note_connect(struct sock *sk)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tcpt_abi_connect *connect = connect_of(thread);

	if (connect && connect->thread == thread)
		connect->sk = key_of(sk);
}

/* The sock that the call that returns now has begun to connect; NULL if there is none. */
static __always_inline struct sock *take_connect(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tcpt_abi_connect *connect = connect_of(thread);

	if (!connect || connect->thread != thread)
		return NULL;
	connect->thread = 0;
	return (struct sock *)(unsigned long)connect->sk;
}

/*
 * A call of connect() returns, and has not succeeded yet: before the program can
 * ask for the error, and so take it out, it is looked for here. Afterwards a
 * refusal is a soft error only if it comes while another call on that socket runs.
 */
static __always_inline void connect_returned(struct sock *sk)
{
	__u64 key = key_of(owner_of(sk));
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);
	int error;

	if (!connect)
		return;
	error = read_soft_error(sk);
	if (error)
		connect->refusal = error;
	connect->heeds = TCPT_ABI_HEEDS_IPV4 | TCPT_ABI_HEEDS_IPV6;
}

SEC("tp/sock/inet_sock_set_state")
int tp_set_state(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct sock *sk = (struct sock *)ctx->skaddr;
	int old = ctx->oldstate, state = ctx->newstate;

	if (!is_in_turn())
		return 0;
	changed_or_closed(sk, old, state, 1);
	if (state == TCPT_SYN_SENT)
		note_connect(sk);
	mark(sk, old, state);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int rt_state_tp(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	int old = ctx->args[1], state = ctx->args[2];

	if (!is_in_turn())
		return 0;
	if (take_mark(sk, old, state))
		return 0;
	changed_or_closed(sk, old, state, 0);
	if (state == TCPT_SYN_SENT)
		note_connect(sk);
	return 0;
}

/* Runs in the closing task when the connection had come to CLOSE before. */
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
	struct sock *sk = NULL;
	int can_tell = bpf_core_field_exists(sk->sk_err_soft);

	if (!is_in_turn())
		return 0;
	sk = take_connect();
	if (sk && ctx->ret && can_tell)
		connect_returned(sk);
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

#endif
