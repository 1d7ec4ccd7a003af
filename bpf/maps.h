/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPT_MAPS_H
#define TCPT_MAPS_H

#include "tcpt_abi.h"

/*
 * Connects that are under way, by the address of their sock: who called
 * connect. Inserted by connecting(); deleted by opened_pending(), which reports
 * the connection, and by ended() and destroyed() when it failed.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tcpt_abi_task);
} pending SEC(".maps");

/*
 * Established connections, by the address of their sock. Inserted by opened()
 * and accepted_unqueued(), and by queued() for those that wait to be accepted;
 * deleted by closed() and closed_unseen(), where whoever deletes reports, and
 * by changed_by_close() for what was never a task's.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct tcpt_abi_conn);
} conns SEC(".maps");

/*
 * Counted by the programs, never reset, mapped by the tools; one entry a CPU,
 * sized at load time. Not a per-CPU map: reading one is a system call, and the
 * kernel skips kprobe programs on a CPU that is in such a call.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_counters);
} counters SEC(".maps");

/* Events for the reader; the size is set at load time. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Written by the reader alone, one entry a CPU; sized at load time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_cursor);
} cursor SEC(".maps");

/* Written once, by the loader: who and what is loaded here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_meta);
} meta SEC(".maps");

#endif
