/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPT_MAPS_H
#define TCPT_MAPS_H

#include "tcpt_abi.h"

/*
 * Connects that are under way, by the address of their sock. Inserted by
 * connecting(), adopt_connect() and failed_unknown(); deleted by take_pending()
 * and failed(), where whoever deletes reports, and by hide_pending().
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tcpt_abi_pending);
} pending SEC(".maps");

/*
 * Established connections, by the address of their sock. Inserted by opened(),
 * accepted_unqueued(), adopt() and find_older(), by queued() for those that wait
 * to be accepted, and by closed() to stand in for what is over;
 * deleted by conclude(), where whoever deletes reports, by guess_closer() and
 * note_close() for what was never a task's, and by report_accept() for what filters hide.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct tcpt_abi_conn);
} conns SEC(".maps");

/*
 * Connections, and connects under way, that filters hide, by the address of their
 * sock: all that is left of them, so that what is told has the other maps to itself.
 * Inserted by hide(); deleted by unhide(), when the sock is another connection's or
 * at its end. One that finds no room is decided about again at its close.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct tcpt_abi_tuple);
} hidden SEC(".maps");

/*
 * Connections that were open before the trace, and connects that were under
 * way, by their cookie; and those of the former that no event has told of yet.
 * Inserted by the loader and sized by it; deleted by adopt(), which moves them to
 * conns or pending, by announced(), and by the loader where they turn out to be
 * told of or over already.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct tcpt_abi_conn);
} existing SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u8);
} unannounced SEC(".maps");

/* Edited by the tools only: what events must have, and who is watched. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCPT_ABI_FILTERS_MAX);
	__type(key, struct tcpt_abi_filter);
	__type(value, __u8);
} filters SEC(".maps");

/* Edited by guesses, which map it, and begun by the loader: whose connections are not told. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_left_out);
} left_out SEC(".maps");

/*
 * Descriptors that one of two generations of programs has seen installed while
 * turns were shared, by thread and number. Inserted and deleted by is_own_to_tell().
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct tcpt_abi_told);
} fds_told SEC(".maps");

/* Written by the tools, which map it; the programs count existing down, and set hiding. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_control);
} control SEC(".maps");

/*
 * Threads of watched processes in a system call that returns a descriptor if it
 * succeeds. Inserted and deleted by fd_expected() when it begins; deleted by
 * expected_fd_returned() when it ends, unless turns are shared.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} fd_calls SEC(".maps");

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

/* Events for the reader of each tap; the sizes are set at load time. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};
struct ring ring SEC(".maps");
struct ring ring2 SEC(".maps");
struct ring ring3 SEC(".maps");
struct ring ring4 SEC(".maps");

/* Written by readers alone, one entry a CPU for each tap; sized at load time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_cursor);
} cursor SEC(".maps");

/*
 * Threads that are in a call of shutdown(), tracepoint mode only. Inserted when
 * it begins, deleted when it returns.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} shutdowns SEC(".maps");

/*
 * Threads that are in a call of connect(), tracepoint mode only, by the lower bits of
 * their numbers. Of two threads with the same bits, one is forgotten.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCPT_ABI_CONNECTS);
	__type(key, __u32);
	__type(value, struct tcpt_abi_connect);
} connects SEC(".maps");

/* Written once, by the loader: who and what is loaded here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_meta);
} meta SEC(".maps");

#endif
