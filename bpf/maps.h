/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPT_MAPS_H
#define TCPT_MAPS_H

#include "tcpt_abi.h"
#include "tcpt_abi_filter.h"
#include "verifier.h"

/*
 * Keeps connects under way; the key is the address of the sock. connecting(),
 * adopt_connect() and failed_unknown() insert. take_pending() and failed() delete, and
 * whoever deletes reports; hide_pending() deletes without a report, and so does
 * adopt_connect(), if another CPU has adopted the connect.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tcpt_abi_pending);
} pending SEC(".maps");

/*
 * Keeps established connections; the key is the address of the sock. opened(),
 * accepted_unqueued(), adopt() and find_older() insert; queued() inserts those that
 * wait to be accepted, and closed() an entry that stands in for a connection that is
 * over. conclude() deletes, and whoever deletes reports; guess_closer() and
 * note_close() delete what no task ever had, report_accept() what filters hide, and
 * remember_new() and adopt() what another CPU has hidden, or remembered, meanwhile.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct tcpt_abi_conn);
} conns SEC(".maps");

/*
 * Keeps connections and connects under way that filters hide; the key is the address of
 * the sock. They have no entry in the other maps, and so take no room from what is
 * reported. hide() inserts. unhide() deletes when the sock ends or is used for another
 * connection. If there is no room here, the filters decide again at the close.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct tcpt_abi_tuple);
} hidden SEC(".maps");

/*
 * existing has the connections that were open before the trace, and the connects that
 * were under way then; the key is the cookie. unannounced has those of the connections
 * of which no event was reported yet. The loader sets the sizes and inserts. adopt()
 * deletes, and moves the entry to conns or pending; announced() deletes from
 * unannounced; the loader deletes entries whose connection is over or reported.
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

/*
 * Keeps the filters as they were given, which tools list, and the watched processes, which
 * programs look up. The tools alone insert and delete.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCPT_ABI_FILTERS_MAX);
	__type(key, struct tcpt_abi_filter);
	__type(value, __u8);
} filters SEC(".maps");

/*
 * These three have the marks of the filters' values, for the programs. values has those of
 * tasks and network namespaces. The tools alone write, insert and delete.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCPT_ABI_FILTERS_MAX);
	__type(key, struct tcpt_abi_filter);
	__type(value, __u32);
} values SEC(".maps");

/* Has the marks of ports, families and roles. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCPT_ABI_MARKS_WORDS);
	__type(key, __u32);
	__type(value, __u32);
} marks SEC(".maps");

/* Has the marks of addresses. The loader makes a hash of it where the kernel has no tries. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TCPT_ABI_FILTERS_MAX);
	__type(key, struct tcpt_abi_network);
	__type(value, __u32);
} networks SEC(".maps");

/*
 * Keeps the threads whose connections are not reported. The loader begins it, and guesses
 * insert and delete.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCPT_ABI_LEFT_OUT_MAX);
	__type(key, struct tcpt_abi_thread);
	__type(value, __u64);
} left_out SEC(".maps");

/*
 * Keeps descriptors that one of two generations of programs saw installed while the turn
 * was shared; the key is the thread and the descriptor. is_own_to_report() inserts and
 * deletes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct tcpt_abi_fd_report);
} fds_reported SEC(".maps");

/* The tools map it and write. The programs decrement existing and set hiding. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_control);
} control SEC(".maps");

/*
 * Keeps threads of watched processes that are in a system call that returns a descriptor;
 * the key is the thread. fd_expected() inserts or deletes when the call begins;
 * expected_fd_returned() deletes when it ends, unless the turn is shared.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} fd_calls SEC(".maps");

/*
 * Keeps one entry for each CPU; the loader sets the size. The programs count, nobody
 * resets, the tools map it and read. It is not a per-CPU map: to read such a map takes
 * a system call, and the kernel skips kprobe programs on a CPU that is in it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_counters);
} counters SEC(".maps");

/*
 * Keeps the events for the reader of each tap (ring.h, slots.h). The loader sets the
 * sizes, and writes the heads of segments before it freezes a ring of slots.
 */
#ifdef TCPT_SLOTS
struct ring {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_slot);
};
#else
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};
#endif
struct ring ring SEC(".maps");
struct ring ring2 SEC(".maps");
struct ring ring3 SEC(".maps");
struct ring ring4 SEC(".maps");

/* Keeps one entry for each CPU of each tap; the loader sets the size. Readers alone write. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_cursor);
} cursor SEC(".maps");

/*
 * Keeps threads that are in a call of shutdown(), in tracepoint mode. tp_shutdown()
 * inserts when it begins, tp_shutdown_end() deletes when it returns. Where a replacement
 * goes on in another mode, calls_clear() of libtcpt deletes, and also from fd_calls.
 * clear_remains() keeps the address of a sock here, which is no thread's id, while it runs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} shutdowns SEC(".maps");

/*
 * Keeps threads that are in a call of connect(), in tracepoint mode; the index is the low
 * bits of the thread's id. Of two threads with the same index the later one is kept.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCPT_ABI_CONNECTS);
	__type(key, __u32);
	__type(value, struct tcpt_abi_connect);
} connects SEC(".maps");

/*
 * Keeps, in cgroup mode, tasks that are in a call of connect(), before the SYN is sent;
 * the key is the cookie. ops_called() inserts; ops_connecting() deletes, or
 * released_unknown() if no SYN was sent. note_release() inserts tasks that close the socket
 * while it is connecting; take_release() deletes, find_released() or ops_failed(). A
 * kernel thread that gives up before the SYN leaves its entry, and so does a task that closes
 * the socket just while the connect fails.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct tcpt_abi_task);
} connectors SEC(".maps");

/*
 * Keeps, in cgroup mode, sockets without an entry that one of two generations of programs
 * saw closed while the turn was shared; the key is the cookie. is_released_already()
 * inserts.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32); /* bit of the generation that saw it first */
} released SEC(".maps");

/*
 * Keeps, in cgroup mode, the ends of connects of a guess, as the other end sees them: the
 * accept has no task by which it could be left out. leave_accept_out() inserts,
 * hides_queued() deletes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, struct tcpt_abi_tuple);
	__type(value, __u8);
} left_out_ends SEC(".maps");

/* Keeps the description of the trace. The loader writes it once. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_abi_meta);
} meta SEC(".maps");

#endif
