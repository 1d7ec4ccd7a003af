/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events leave through here, numbered and counted. */
#ifndef TCPT_EMIT_H
#define TCPT_EMIT_H

#include "filter.h"
#include "sock.h"

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

/*
 * The table of descriptors of a kernel thread is a variable of the kernel, and lies in
 * its image; those of processes and their workers are allocated, and a task that exits
 * has none any more. On x86-64 the image has the last 2 GiB of the addresses to itself
 * (Documentation/arch/x86/x86_64/mm.rst); elsewhere this is not known.
 */
static __always_inline int is_kernel_thread(__u64 ids)
{
#ifdef __TARGET_ARCH_x86
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	if (!bpf_core_field_exists(task->files) || ids >> 32 != (__u32)ids)
		return 0;
	return (unsigned long)BPF_CORE_READ(task, files) >= 0xffffffff80000000UL;
#else
	return 0;
#endif
}

/*
 * task comes zeroed, and stays so if this is a kernel thread, which does the work of
 * others. The loader puts a 0 in the place of the control group's id where there is no
 * such helper.
 */
static __always_inline void current_task(struct tcpt_abi_task *task)
{
	__u64 ids = bpf_get_current_pid_tgid();

	if (is_kernel_thread(ids))
		return;
	task->pid = ids >> 32;
	task->tid = ids;
	task->uid = bpf_get_current_uid_gid();
	task->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(task->comm, sizeof(task->comm));
}

/*
 * Rings that each event goes to: a constant, which the loader puts into the BTF as this
 * member's offset.
 */
struct tcpt_taps {
	__u8 count;
} __attribute__((preserve_access_index));

#define TAPS bpf_core_field_offset(struct tcpt_taps, count)

/*
 * A record is made in the ring and filled from the entry of a map that is about
 * to be deleted; whoever then deletes it submits the record, others discard
 * theirs. NULL if the ring is full: then the event is lost(). (Looked at once
 * only: verifiers before 5.13 forget that it is not NULL.) With several rings it
 * is made in the first one that has room. Its last byte is its size, by which a
 * reader finds the records from the newest one back (libtcpt/maps/ring.c).
 */
static __always_inline void *reserve(__u32 size, __u8 type, __u8 flags)
{
	struct tcpt_abi_event *event = bpf_ringbuf_reserve(&ring, size, 0);
	__u8 home = 1;

	if (!event && TAPS > 1) {
		event = bpf_ringbuf_reserve(&ring2, size, 0);
		home = 2;
		if (!event && TAPS > 2) {
			event = bpf_ringbuf_reserve(&ring3, size, 0);
			home = 3;
		}
		if (!event && TAPS > 3) {
			event = bpf_ringbuf_reserve(&ring4, size, 0);
			home = 4;
		}
	}
	if (!event)
		return NULL;
	event->home = home;
	event->size = size;
	event->version = TCPT_ABI_VERSION;
	event->type = type;
	event->cpu = bpf_get_smp_processor_id();
	event->value = 0;
	event->flags = flags;
	((__u8 *)event)[size - 1] = size;
	return event;
}

static __always_inline void discard(void *record)
{
	bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
}

/* To a ring behind the one that the event was made in; those before it were full. */
#define copy_to(tap, ring, event, size, own)                                          \
	do {                                                                          \
		if (TAPS >= (tap) && (event)->home != (tap) &&                        \
		    ((event)->home > (tap) ||                                         \
		     bpf_ringbuf_output(&(ring), (event), (size), BPF_RB_NO_WAKEUP))) \
			__sync_fetch_and_add(&(own)->lost_at[-2 + (tap)], 1);         \
	} while (0)

static __always_inline void copy_to_others(struct tcpt_abi_event *event, __u32 size,
					   struct tcpt_abi_counters *own)
{
	if (TAPS == 1)
		return;
	if (event->home != 1)
		__sync_fetch_and_add(&own->lost, 1);
	copy_to(2, ring2, event, size, own);
	copy_to(3, ring3, event, size, own);
	copy_to(4, ring4, event, size, own);
}

/*
 * Never wakes the reader: a wakeup from inside a probe is an interrupt, and
 * what runs in that interrupt is what other probes then miss.
 */
static __always_inline void submit(struct tcpt_abi_event *event, __u32 size, __u8 flags)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own) {
		discard(event);
		return;
	}
	if (flags & TCPT_ABI_LATE)
		__sync_fetch_and_add(&own->late, 1);
	event->seq = draw(&own->seq);
	event->ts = bpf_ktime_get_ns();
	copy_to_others(event, size, own);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* It has a number all the same, so that the gap shows. */
static __always_inline void lost(__u8 flags)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	if (flags & TCPT_ABI_LATE)
		__sync_fetch_and_add(&own->late, 1);
	draw(&own->seq);
	__sync_fetch_and_add(&own->lost, 1);
	if (TAPS > 1)
		__sync_fetch_and_add(&own->lost_at[0], 1);
	if (TAPS > 2)
		__sync_fetch_and_add(&own->lost_at[1], 1);
	if (TAPS > 3)
		__sync_fetch_and_add(&own->lost_at[2], 1);
}

static __always_inline void fill(struct tcpt_abi_event *event, const struct tcpt_abi_conn *conn,
				 const struct tcpt_abi_task *by)
{
	event->id = conn->id;
	event->cookie = conn->cookie;
	event->by = *by;
	event->tuple = conn->tuple;
	event->role = conn->role;
}

/* All but closes and failed connects. value is the descriptor of an fdinstall. */
static __always_inline void emit(__u8 type, __u8 flags, const struct tcpt_abi_conn *conn,
				 const struct tcpt_abi_task *by, __u32 value)
{
	struct tcpt_abi_event *event;

	if (conn->reported == TCPT_ABI_HIDDEN || hides_type(type))
		return;
	event = reserve(sizeof(*event), type, flags);
	if (!event) {
		lost(flags);
		return;
	}
	fill(event, conn, by);
	event->value = value;
	submit(event, sizeof(*event), flags);
}

#endif
