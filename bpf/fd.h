/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports new descriptors of watched processes, and finds the way from a descriptor to
 * its sock.
 */
#ifndef TCPT_FD_H
#define TCPT_FD_H

#include "turn.h"

/* The current process is watched. While no process is, this costs one test. */
static __always_inline int is_watched(void)
{
	struct tcpt_abi_filter entry = {};

	if (!(filter_keys() >> TCPT_ABI_FILTER_WATCH & 1))
		return 0;
	entry.key = TCPT_ABI_FILTER_WATCH;
	entry.value = bpf_get_current_pid_tgid() >> 32;
	return !!bpf_map_lookup_elem(&filters, &entry);
}

/*
 * This generation of programs reports the descriptor. A descriptor has no map entry
 * that the reporting generation would delete. While the turn is shared, the generation
 * that comes first therefore leaves an entry that says whether it reported. An entry
 * that is older than TCPT_ABI_FD_REPORTED_NS is of an earlier descriptor of the same
 * number. The older generation reports as long as it has the turn.
 */
static __always_inline int is_own_to_report(__u32 tid, __u32 fd)
{
	__u64 key = (__u64)tid << 32 | fd, now = bpf_ktime_get_ns();
	struct tcpt_abi_fd_report own = { .at = now, .by = OWN_TURN }, *first;
	int is_reported;

	if (!is_shared())
		return is_in_turn();
	first = bpf_map_lookup_elem(&fds_reported, &key);
	if (first && first->by != OWN_TURN && now - first->at < TCPT_ABI_FD_REPORTED_NS) {
		is_reported = first->is_reported;
		bpf_map_delete_elem(&fds_reported, &key);
		return !is_reported;
	}
	own.is_reported = is_in_turn() && !is_in_turn_with_older();
	bpf_map_update_elem(&fds_reported, &key, &own, BPF_ANY);
	return own.is_reported;
}

/* The table of descriptors is that of the current task, as far as the offsets can tell. */
static __always_inline int is_own_table(const struct files_struct *files)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return !bpf_core_field_exists(task->files) || BPF_CORE_READ(task, files) == files;
}

/* The current task is watched, and gets this descriptor. */
static __always_inline void fd_installed(__u32 fd)
{
	struct tcpt_abi_conn none = {};
	struct tcpt_abi_task by = {};

	current_task(&by);
	if (hides_task(filter_keys(), &by) || !is_own_to_report(by.tid, fd))
		return;
	emit(TCPT_ABI_FDINSTALL, 0, &none, &by, fd);
}

/* Returns the file of a descriptor of the current task: current->files->fdt->fd[fd]. */
static __always_inline struct file *file_of_fd(unsigned int fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct file **table = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), &table[fd]);
	return file;
}

static __always_inline struct sock *sock_of_fd(unsigned int fd)
{
	struct file *file = file_of_fd(fd);
	struct socket *socket;

	if (!file)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The file is a socket: then the socket points back at the file. */
static __always_inline int is_socket(struct file *file)
{
	struct socket *socket = NULL;

	if (!bpf_core_field_exists(socket->file))
		return 1;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, file) == file;
}

/* A system call has returned a new descriptor of the current task, or an error. */
static __always_inline void fd_returned(long fd)
{
	struct file *file;

	if (fd < 0 || !is_watched())
		return;
	file = file_of_fd(fd);
	if (file && is_socket(file))
		fd_installed(fd);
}

/*
 * A system call begins that returns a new descriptor, or not. Only its arguments show
 * which.
 */
static __always_inline void fd_expected(int expected)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u8 one = 1;

	if (!is_watched())
		return;
	if (expected)
		bpf_map_update_elem(&fd_calls, &tid, &one, BPF_ANY);
	else
		bpf_map_delete_elem(&fd_calls, &tid);
}

/* A generation that does not have the turn leaves the entry to the one that has it. */
static __always_inline void expected_fd_returned(long fd)
{
	__u32 tid = bpf_get_current_pid_tgid(), now = turn();

	if (!is_watched() || !(now & (TCPT_ABI_TURN_SHARED | OWN_TURN)))
		return;
	if (now & TCPT_ABI_TURN_SHARED ? !!bpf_map_lookup_elem(&fd_calls, &tid) :
					 !bpf_map_delete_elem(&fd_calls, &tid))
		fd_returned(fd);
}

#endif
