/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes events into the rings, numbers them and counts losses. */
#ifndef TCPT_EMIT_H
#define TCPT_EMIT_H

#include "filter.h"
#include "sock.h"
#include "totals.h"

#ifdef TCPT_SLOTS
#include "slots.h"
#else
#include "ring.h"
#endif

/*
 * All kernel threads share one table of descriptors, init_files, which is a variable
 * in the kernel's image. The tables of processes and of their workers are allocated,
 * and a task that exits has none. On x86-64 the last 2 GiB of addresses belong to the
 * image alone (Documentation/arch/x86/x86_64/mm.rst). Elsewhere this is not known.
 */
static __always_inline int is_kernel_thread(__u64 ids)
{
#ifdef __TARGET_ARCH_x86
	struct task_struct *task = NULL;

	if (!bpf_core_field_exists(task->files) || ids >> 32 != (__u32)ids)
		return 0;
	task = (struct task_struct *)bpf_get_current_task();
	return (unsigned long)BPF_CORE_READ(task, files) >= 0xffffffff80000000UL;
#else
	return 0;
#endif
}

/*
 * Fills task, which the caller has zeroed. It stays zero in a kernel thread, which
 * does the work of others. Where the kernel lacks the helper for the control group's
 * id, the loader puts a 0 in the place of the call.
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
 * Notes the time of the event by the clock that people read, beside its ts. The clock may
 * be set, and the machine may sleep, before anybody reads the event. Linux 6.1 has a helper
 * for CLOCK_TAI; before, the loader puts a 0 in the place of the call, and looks for the
 * difference of the clocks in the kernel's memory.
 */
static __always_inline void set_time(struct tcpt_abi_event *event)
{
	struct tcpt_abi_control *control = controls();
	__s64 realtime = 0;

	if (!control || !control->realtime) {
		event->time = bpf_ktime_get_tai_ns();
		event->flags |= TCPT_ABI_TAI;
	} else if (bpf_probe_read_kernel(&realtime, sizeof(realtime),
					 (void *)(unsigned long)control->realtime)) {
		event->time = 0;
	} else {
		event->time = event->ts + realtime;
	}
}

/*
 * Makes a record in the first ring that has room. Returns NULL if none has; the event
 * is then lost(). The caller fills the record from a map entry that it is about to
 * delete. Whoever deletes the entry submits its record, all others discard theirs.
 * Callers test the result once: verifiers before Linux 5.13 forget that it is not NULL.
 */
static __always_inline void *reserve(__u32 size, __u8 type, __u8 flags)
{
	struct tcpt_abi_event *event = store_reserve(size);

	if (!event)
		return NULL;
	event->size = size;
	event->version = TCPT_ABI_VERSION;
	event->type = type;
	event->cpu = bpf_get_smp_processor_id();
	event->value = 0;
	event->flags = flags;
	if (STORE_STAMPS_FIRST)
		set_time(event);
	return event;
}

static __always_inline void discard(void *record)
{
	store_discard(record);
}

/* Copies the event to another ring. The rings before its home were full. */
#define copy_to(tap, ring, event, size, own)                                                \
	do {                                                                                \
		if (TAPS >= (tap) && (event)->home != (tap) &&                              \
		    ((event)->home > (tap) || store_copy(&(ring), (tap), (event), (size)))) \
			__sync_fetch_and_add(&(own)->lost_at[-2 + (tap)], 1);               \
	} while (0)

static __always_inline void copy_to_others(struct tcpt_abi_event *event, __u32 size,
					   struct tcpt_abi_counters *own)
{
	if (TAPS == 1)
		return;
	if (event->home != 1)
		add(own, lost, 1);
	copy_to(2, ring2, event, size, own);
	copy_to(3, ring3, event, size, own);
	copy_to(4, ring4, event, size, own);
}

static __always_inline void submit(struct tcpt_abi_event *event, __u32 size, __u8 type, __u8 flags)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own) {
		discard(event);
		return;
	}
	if (flags & TCPT_ABI_LATE)
		add(own, late, 1);
	count_event(own, type);
	event->seq = draw(own, seq);
	if (!STORE_STAMPS_FIRST) {
		event->ts = bpf_ktime_get_ns();
		set_time(event);
	}
	copy_to_others(event, size, own);
	store_submit(event);
}

/* Takes a number for the lost event, so that its gap shows. */
static __always_inline void lost(__u8 type, __u8 flags)
{
	struct tcpt_abi_counters *own = own_counters();

	if (!own)
		return;
	if (flags & TCPT_ABI_LATE)
		add(own, late, 1);
	count_event(own, type);
	(void)draw(own, seq);
	add(own, lost, 1);
	if (TAPS > 1)
		add(own, lost_at[0], 1);
	if (TAPS > 2)
		add(own, lost_at[1], 1);
	if (TAPS > 3)
		add(own, lost_at[2], 1);
}

static __always_inline void fill(struct tcpt_abi_event *event, const struct tcpt_abi_conn *conn,
				 const struct tcpt_abi_task *by)
{
	event->id = conn->id;
	event->cookie = conn->cookie;
	event->began = conn->opened;
	copy(&event->by, by);
	copy(&event->tuple, &conn->tuple);
	event->role = conn->role;
}

/* Reports all events but closes and fails. value is the descriptor of an fdinstall. */
static __always_inline void emit(__u8 type, __u8 flags, const struct tcpt_abi_conn *conn,
				 const struct tcpt_abi_task *by, __u32 value)
{
	struct tcpt_abi_event *event;

	if (conn->reported == TCPT_ABI_HIDDEN || hides_type(type))
		return;
	event = reserve(sizeof(*event), type, flags);
	if (!event) {
		lost(type, flags);
		return;
	}
	fill(event, conn, by);
	event->value = value;
	submit(event, sizeof(*event), type, flags);
}

#endif
