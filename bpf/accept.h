/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A task takes a connection from a listener. */
#ifndef TCPT_ACCEPT_H
#define TCPT_ACCEPT_H

#include "connect.h"

/* The current task is the one that has the connection now. */
static __always_inline void report_accept(struct tcpt_abi_conn *conn, __u8 flags)
{
	conn->reported = 1;
	current_task(&conn->opener);
	emit(TCPT_ABI_ACCEPT, flags, conn, &conn->opener);
}

/* The current task acts on a connection that no hook has seen it take. */
static __always_inline void taken_unseen(struct sock *sk)
{
	struct tcpt_abi_conn *conn = find_conn(sk);

	if (conn && !conn->reported && is_of_a_task(sk))
		report_accept(conn, TCPT_ABI_LATE);
}

/* Not seen when it was established: reset since, or established before the trace. */
static __always_inline void accepted_unqueued(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_conn conn = {
		.opened = bpf_ktime_get_ns(),
		.tuple = *tuple,
		.role = TCPT_ABI_SERVER,
	};

	conn.id = new_id();
	conn.ended = read_state(sk) == TCPT_CLOSE;
	report_accept(&conn, 0);
	remember(sk, &conn);
}

static __always_inline void accepted(struct sock *sk)
{
	struct tcpt_abi_tuple tuple = {};
	struct tcpt_abi_conn *conn;

	if (!is_tcp_family(sk))
		return;
	conn = find_conn(sk);
	if (conn && !conn->reported) {
		/* An MPTCP sock learns its peer after it is established. */
		if (!conn->tuple.dport)
			read_tuple(sk, &conn->tuple);
		report_accept(conn, 0);
		return;
	}
	read_tuple(sk, &tuple);
	if (conn) {
		if (same_ends(&conn->tuple, &tuple))
			return;
		closed_unseen(sk, conn);
	}
	accepted_unqueued(sk, &tuple);
}

/*
 * The sock behind a descriptor of the current task:
 * current->files->fdt->fd[n]->private_data->sk.
 */
static __always_inline struct sock *sock_of_fd(unsigned int fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct file **table = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;
	struct socket *socket;

	bpf_probe_read_kernel(&file, sizeof(file), &table[fd]);
	if (!file)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

#endif
