/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The descriptors that watched processes get, and the way from one to its socket. */
#ifndef TCPT_FD_H
#define TCPT_FD_H

#include "turn.h"

/* Whether somebody is watched at all costs one test. */
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
 * Nothing is known of a descriptor by which the second of two generations of
 * programs could find that the first has told of it. While they share turns
 * each says therefore that it was here, and whether it has told; what is older
 * than both take to come by was about the descriptor's last installation. The
 * old generation tells as long as it has a turn.
 */
static __always_inline int is_own_to_tell(__u32 tid, __u32 fd)
{
	__u64 key = (__u64)tid << 32 | fd, now = bpf_ktime_get_ns();
	struct tcpt_abi_told own = { .at = now, .by = OWN_TURN }, *first;
	int is_told;

	if (!is_shared())
		return is_in_turn();
	first = bpf_map_lookup_elem(&fds_told, &key);
	if (first && first->by != OWN_TURN && now - first->at < TCPT_ABI_TOLD_NS) {
		is_told = first->is_told;
		bpf_map_delete_elem(&fds_told, &key);
		return !is_told;
	}
	own.is_told = is_in_turn() && !is_in_turn_with_older();
	bpf_map_update_elem(&fds_told, &key, &own, BPF_ANY);
	return own.is_told;
}

/* The current task is watched, and gets this descriptor. */
static __always_inline void fd_installed(__u32 fd)
{
	struct tcpt_abi_conn none = {};
	struct tcpt_abi_task by = {};

	current_task(&by);
	if (hides_task(filter_keys(), &by) || !is_own_to_tell(by.tid, fd))
		return;
	emit(TCPT_ABI_FDINSTALL, 0, &none, &by, fd);
}

/* What descriptor fd of the current task stands for: current->files->fdt->fd[fd]. */
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

/* A file that is a socket is what its own socket points back at. */
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
 * What the call that begins now will return is a new descriptor, or is none:
 * only its arguments show it.
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

static __always_inline void expected_fd_returned(long fd)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (!is_watched())
		return;
	if (is_shared() ? !!bpf_map_lookup_elem(&fd_calls, &tid) :
			  !bpf_map_delete_elem(&fd_calls, &tid))
		fd_returned(fd);
}

#endif
