/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes that fork and execute while the trace is there. By their table a reader knows
 * what a process was that has ended since. Its programs are loaded only if somebody asks for
 * them (tcpt-load --processes); those of connections do not look at the table.
 */
#ifndef TCPT_PROCESSES_H
#define TCPT_PROCESSES_H

#include "tcpt_abi_process.h"
#include "turn.h"

/*
 * Keeps processes; the index is the low bits of the process id. The loader sets the size,
 * which is 1 if nobody asks for them, and writes those that are older than the trace. The
 * programs below write the others. Readers map it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_process);
} processes SEC(".maps");

#define CLONE_PARENT 0x8000
#define CLONE_THREAD 0x10000

/* The records of tracepoints have these members. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct trace_event_raw_task_newtask {
	int pid;
	__u64 clone_flags;
};

struct trace_event_raw_sched_process_exec {
	__u32 __data_loc_filename; /* where it is in the record, and its length above */
};
#pragma clang attribute pop

static __always_inline struct tcpt_abi_process *process_place(__u32 pid)
{
	__u32 key = pid % TCPT_ABI_PROCESSES;

	return bpf_map_lookup_elem(&processes, &key);
}

/* Before and after a change. A reader that sees an odd or another number looks again. */
static __always_inline void process_changes(struct tcpt_abi_process *process)
{
	__sync_fetch_and_add(&process->seq, 1);
}

/* Counts a process that is still there, and loses its place to this one. */
static __always_inline void process_displaces(const struct tcpt_abi_process *process, __u32 pid)
{
	struct tcpt_abi_counters *own;

	if (!process->pid || process->pid == pid || process->has_ended)
		return;
	own = own_counters();
	if (own)
		__sync_fetch_and_add(&own->processes_full, 1);
}

/* The current task has forked this process, and runs what it runs itself. */
static __always_inline void process_forked(__u32 pid, __u64 flags)
{
	__u32 forker = bpf_get_current_pid_tgid() >> 32;
	struct tcpt_abi_process *process = process_place(pid), *parent = process_place(forker);
	int is_known;

	if (!process || !parent)
		return;
	is_known = parent->pid == forker && parent != process;
	process_displaces(process, pid);
	process_changes(process);
	process->pid = pid;
	process->started = bpf_ktime_get_ns();
	process->executed = process->started;
	process->ppid = !(flags & CLONE_PARENT) ? forker : is_known ? parent->ppid : 0;
	process->has_ended = 0;
	bpf_get_current_comm(process->comm, sizeof(process->comm));
	if (is_known)
		__builtin_memcpy(process->exe, parent->exe, sizeof(process->exe));
	else
		process->exe[0] = 0;
	process_changes(process);
}

/* A name that does not fit is not known. */
static __always_inline void process_executed(const void *filename)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct tcpt_abi_process *process = process_place(pid);
	long size;

	if (!process)
		return;
	process_displaces(process, pid);
	process_changes(process);
	if (process->pid != pid) {
		process->started = 0;
		process->ppid = 0;
	}
	process->pid = pid;
	process->executed = bpf_ktime_get_ns();
	process->has_ended = 0;
	bpf_get_current_comm(process->comm, sizeof(process->comm));
	size = bpf_probe_read_kernel_str(process->exe, sizeof(process->exe), filename);
	if (size <= 0 || size >= TCPT_ABI_EXE_LEN)
		process->exe[0] = 0;
	process_changes(process);
}

SEC("tp/task/task_newtask")
int tp_newtask(struct trace_event_raw_task_newtask *ctx)
{
	__u64 flags = ctx->clone_flags;
	__u32 pid = ctx->pid;

	if (is_in_turn() && !(flags & CLONE_THREAD))
		process_forked(pid, flags);
	return 0;
}

SEC("tp/sched/sched_process_exec")
int tp_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	__u32 at = ctx->__data_loc_filename & 0xffff;

	if (is_in_turn())
		process_executed((const char *)ctx + at);
	return 0;
}

/* The first thread ends last, or nearly so. */
SEC("tp/sched/sched_process_exit")
int tp_exit(void *ctx)
{
	__u64 ids = bpf_get_current_pid_tgid();
	struct tcpt_abi_process *process;

	if (!is_in_turn() || ids >> 32 != (__u32)ids)
		return 0;
	process = process_place(ids);
	if (process && process->pid == (__u32)ids)
		process->has_ended = 1;
	return 0;
}

#endif
