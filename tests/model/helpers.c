// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers but for maps and the ring, and reading of the kernel's memory. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "hooks.h"
#include "threads.h"

__u32 helper_cpu(void)
{
	return current_thread->cpu;
}

__u64 helper_pid_tgid(void)
{
	const struct model_task *task = task_now();

	return (__u64)task->pid << 32 | task->pid;
}

__u64 helper_uid_gid(void)
{
	return task_now()->uid;
}

__u64 helper_cgroup(void)
{
	return task_now()->pid + 1000;
}

/*
 * A task that exits has lost its table of files (do_exit()); that of kernel threads is
 * init_files, a variable of the kernel's image.
 */
static struct task_struct without_files;
static struct task_struct kernel_thread = { .files = (struct files_struct *)0xffffffff82000000 };

__u64 helper_task(void)
{
	if (current_thread->is_worker)
		return (uintptr_t)&kernel_thread;
	if (current_thread->is_exiting)
		return (uintptr_t)&without_files;
	return (uintptr_t)&task_now()->task;
}

__u64 helper_time(void)
{
	return world.clock;
}

long helper_comm(char *comm, __u32 size)
{
	memcpy(comm, task_now()->comm, size);
	return 0;
}

static uint64_t new_cookie(void)
{
	return ++world.cookies << 8 | 0x5a;
}

__u64 helper_cookie(const void *sk)
{
	struct model_sock *sock = (struct model_sock *)(uintptr_t)sk;

	if (current_thread->sock) /* it is a context */
		sock = &world.sock[current_thread->sock - 1];
	if (!sock->sk.__sk_common.skc_cookie.counter) {
		sock->sk.__sk_common.skc_cookie.counter = new_cookie();
		if (sock->conn)
			world.truth[sock->conn - 1].cookie =
				sock->sk.__sk_common.skc_cookie.counter;
	}
	return sock->sk.__sk_common.skc_cookie.counter;
}

__u64 helper_add(void *number, __u32 size, __u64 value)
{
	__u64 was = 0;

	point();
	memcpy(&was, number, size);
	value += was;
	memcpy(number, &value, size);
	return was;
}

__u64 helper_or(void *number, __u32 size, __u64 bits)
{
	__u64 was = 0;

	point();
	memcpy(&was, number, size);
	bits |= was;
	memcpy(number, &bits, size);
	return was;
}

void helper_set_flags(__u32 flags)
{
	world.sock[current_thread->sock - 1].ops_flags = flags;
}

/* ---- memory ---- */

/* A sock that this thread has locked changes through it alone. */
static int may_change(const volatile void *field)
{
	size_t at = (const volatile char *)field - (const volatile char *)world.sock;
	const struct model_sock *sock = &world.sock[at / sizeof(world.sock[0])];

	if (at >= sizeof(world.sock))
		return 0;
	return sock->owner != world.current + 1 && sock->spin != world.current + 1;
}

/* What is read where nothing is mapped is 0 (bpf_probe_read_kernel()). */
static const char nothing[4096];

const volatile void *read_point(const volatile void *field)
{
	if ((uintptr_t)field < sizeof(nothing))
		return nothing + (uintptr_t)field;
	if (current_thread->program || may_change(field))
		point();
	return field;
}

long read_copy(void *to, __u32 size, const void *from)
{
	if ((uintptr_t)from < sizeof(nothing)) {
		memset(to, 0, size);
		return -EFAULT;
	}
	memcpy(to, from, size);
	/* Programs of sock_release have the sock itself for a context. */
	if (current_thread->sock && size == sizeof(void *) &&
	    !memcmp(from, &current_thread->context, size))
		memcpy(to, &(void *){ &world.sock[current_thread->sock - 1] }, size);
	return 0;
}

const void *inet_view(const void *sk)
{
	return &((const struct model_sock *)sk)->inet;
}

const void *tcp_view(const void *sk)
{
	return &((const struct model_sock *)sk)->tcp;
}

/* ---- what the loader knows ---- */

static const char *const absent_fields[] = {
	[ABSENT_ERRORS] = "sk->sk_err sk->sk_err_soft",
	[ABSENT_SHUTDOWN] = "sk->sk_shutdown",
	[ABSENT_SOCKET] = "sk->sk_socket",
	[ABSENT_FIGURES] = "tp->bytes_acked tp->bytes_received tp->srtt_us tp->total_retrans "
			   "sk->__sk_common.skc_cookie sk->sk_protocol net->ns.inum",
	[ABSENT_PORT] = "inet->inet_sport",
	[ABSENT_TABLE] = "task->files",
	[ABSENT_FILE] = "socket->file",
};

static int lists(const char *list, const char *field)
{
	size_t size = strlen(field);

	for (const char *at = list; at && (at = strstr(at, field)); at++)
		if ((at == list || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return 1;
	return 0;
}

int offset_is_known(const char *field)
{
	const struct mode *mode = mode_of(current_thread->generation);
	int is_needed = mode->is_tracepoint && (world.stage.absent == ABSENT_SHUTDOWN ||
						world.stage.absent == ABSENT_TABLE);

	if (strstr(field, "->recorder"))
		return world.stage.is_recorder;
	return !lists(mode->absent, field) &&
	       (is_needed || !lists(absent_fields[world.stage.absent], field));
}

__u32 constant_of(const char *type)
{
	if (!strcmp(type, "struct tcpt_taps"))
		return 1 + world.stage.taps;
	if (!strcmp(type, "struct tcpt_segments")) /* with one tap nobody asks for the other one */
		return MODEL_SLOTS;
	return world.stage.bit[current_thread->generation];
}
