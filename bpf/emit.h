/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events leave through here, numbered and counted. */
#ifndef TCPT_EMIT_H
#define TCPT_EMIT_H

#include "maps.h"

static __always_inline struct tcpt_abi_counters *own_counters(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

#define count(what)                                             \
	do {                                                    \
		struct tcpt_abi_counters *own = own_counters(); \
		if (own)                                        \
			__sync_fetch_and_add(&own->what, 1);    \
	} while (0)

/*
 * A program may interrupt another on its CPU, and two events must not get one
 * number. Kernels before 5.12 have no atomic operation that returns a value;
 * there the window is the one instruction between the add and the load.
 */
static __always_inline __u64 draw(__u64 *number)
{
#ifdef TCPT_ATOMICS
	return __sync_fetch_and_add(number, 1) + 1;
#else
	__sync_fetch_and_add(number, 1);
	return *(volatile __u64 *)number;
#endif
}

/* 40 bits of number leave 13 for the CPU in the 53 that JSON readers keep. */
static __always_inline __u64 new_id(void)
{
	struct tcpt_abi_counters *own = own_counters();

	return own ? (__u64)bpf_get_smp_processor_id() << 40 | draw(&own->ids) : 0;
}

static __always_inline void current_task(struct tcpt_abi_task *task)
{
	__u64 ids = bpf_get_current_pid_tgid();

	task->pid = ids >> 32;
	task->tid = ids;
	task->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(task->comm, sizeof(task->comm));
}

/*
 * Never wakes the reader: a wakeup from inside a probe is an interrupt, and
 * what runs in that interrupt is what other probes then miss.
 */
static __always_inline void emit(__u8 type, __u8 flags, const struct tcpt_abi_conn *conn,
				 const struct tcpt_abi_task *by)
{
	struct tcpt_abi_counters *own = own_counters();
	struct tcpt_abi_event event = {
		.size = sizeof(event),
		.version = TCPT_ABI_VERSION,
		.type = type,
		.cpu = bpf_get_smp_processor_id(),
		.ts = bpf_ktime_get_ns(),
		.id = conn->id,
		.opened = conn->opened,
		.by = *by,
		.tuple = conn->tuple,
		.opener_pid = conn->opener.pid,
		.role = conn->role,
		.flags = flags,
	};

	if (!own)
		return;
	event.seq = draw(&own->seq);
	if (flags & TCPT_ABI_LATE)
		__sync_fetch_and_add(&own->late, 1);
	if (bpf_ringbuf_output(&ring, &event, sizeof(event), BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&own->lost, 1);
}

#endif
