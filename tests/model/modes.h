/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attach modes, as tables: which program is at which place of the kernel. */
#ifndef MODEL_MODES_H
#define MODEL_MODES_H

/* Places of the kernel that have hooks. */
enum site {
	SITE_SET_STATE, /* entry of tcp_set_state(sk, state) */
	SITE_MPTCP_SET_STATE, /* entry of mptcp_set_state(sk, state), since 6.8 */
	SITE_STATE, /* trace_inet_sock_set_state(sk, old, state), before the state is stored */
	SITE_CONNECT, /* entry of tcp_connect(sk) */
	SITE_ICMP, /* entry of ip_icmp_error(sk, skb, err, ...) */
	SITE_ICMP6,
	SITE_GRAFT, /* entry of security_sock_graft(sk, socket) */
	SITE_ACCEPT_RETURN, /* of inet_csk_accept() */
	SITE_CLOSE, /* entry of tcp_close(sk, timeout) */
	SITE_MPTCP_CLOSE, /* entry of mptcp_close(sk, timeout) */
	SITE_DESTROY, /* trace_tcp_destroy_sock(sk) */
	SITE_MPTCP_DESTROY, /* entry of mptcp_destroy(sk) */
	SITE_ENTER_SHUTDOWN,
	SITE_EXIT_SHUTDOWN,
	SITE_ENTER_CONNECT,
	SITE_EXIT_CONNECT,
	SITE_EXIT_ACCEPT,
	SITE_EXIT_ACCEPT4,
	SITE_FD_INSTALL, /* entry of fd_install(fd, file) */
	SITE_INSTALL_INTO, /* entry of __fd_install(files, fd, file) */
	SITE_DUP2, /* entry of do_dup2(files, file, fd, flags) */
	SITE_EXIT_SOCKET,
	SITE_EXIT_DUP,
	SITE_ENTER_DUP2,
	SITE_EXIT_DUP2,
	SITE_EXIT_DUP3,
	SITE_ENTER_FCNTL,
	SITE_EXIT_FCNTL,
	/*
	 * Programs of control groups: BPF_CGROUP_RUN_PROG_INET4_CONNECT(), and 6, before the
	 * address is looked at (tcp_v4_pre_connect()); tcp_call_bpf(sk, op, ...); and
	 * BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk) of inet_release(), before tcp_close().
	 */
	SITE_PRE_CONNECT4,
	SITE_PRE_CONNECT6,
	SITE_OPS,
	SITE_RELEASE,
	SITES,
};

/*
 * When the kernel skips a program.
 *
 * GUARD_CPU   kprobes and perf tracepoints: while bpf_prog_active of the processor is
 *             raised (trace_call_bpf() of kernel/trace/bpf_trace.c): by another one that
 *             this one interrupts, or by a task in a bpf(2) call on a map
 *             (bpf_disable_instrumentation() of include/linux/bpf.h, since 5.7).
 * GUARD_OWN   fentry, fexit (__bpf_prog_enter_recur() of kernel/bpf/trampoline.c), and raw
 *             tracepoints (__bpf_trace_run() of kernel/trace/bpf_trace.c): while the same
 *             program is running on the processor. fentry can be preempted in the midst,
 *             and raw tracepoints since 7.0.
 * GUARD_NONE  programs of control groups (bpf_prog_run_array_cg() of kernel/bpf/cgroup.c)
 *             are never skipped.
 */
enum guard {
	GUARD_CPU,
	GUARD_OWN,
	GUARD_NONE,
};

/* What a program is passed. */
enum context {
	CONTEXT_ARGUMENTS, /* an array of them */
	CONTEXT_STATE, /* records of tracepoints */
	CONTEXT_SOCK,
	CONTEXT_ENTER,
	CONTEXT_EXIT,
	CONTEXT_SOCK_ADDR, /* of programs of control groups */
	CONTEXT_SOCK_OPS,
	CONTEXT_BPF_SOCK,
};

struct mode_hook {
	const char *program;
	enum site site;
	enum guard guard;
	enum context context;
	int result_at; /* CONTEXT_ARGUMENTS of a return: where the result is */
};

struct mode {
	const char *name;
	const char *absent; /* fields that the offsets document does not have */
	const struct mode_hook *hooks; /* in the order in which they are attached */
	int is_tracepoint; /* closes are reported by changes of state */
	int accept_is_late; /* accepted without the socket's lock: a return */
	int sees_mptcp; /* each step of it by two programs, not by a raw tracepoint alone */
	int ends_mptcp; /* it has hooks on the close and the destruction of MPTCP sockets */
	int kernels; /* those that have it, a bit for each */
	int is_cgroup; /* most hooks are programs of control groups */
	int is_bare; /* all are, and there are no offsets: nobody sees who accepts */
};

#define MODES 7
extern const struct mode modes[]; /* ends with an empty one */
extern const struct mode *mode_now; /* of the first programs */

const struct mode *mode_find(const char *name);

#endif
