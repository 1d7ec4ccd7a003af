/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that do nothing, to try what the kernel allows. */
#ifndef TCPT_TRIAL_H
#define TCPT_TRIAL_H

#include <stdbool.h>

#define KERNEL_ENOTSUPP 524 /* the kernel's own number, which has no name in user space */

/* Loads a program that does nothing, and returns its descriptor. */
int trial_load(unsigned int type, unsigned int attach_type, unsigned int attach_btf_id);
/*
 * Loads one that is longer than 4,096 instructions, as some of a trace are. Returns -E2BIG
 * if the kernel has this limit (before Linux 5.2).
 */
int trial_long(void);
/* Makes a BPF ring buffer. Returns -EINVAL if the kernel has none. */
int trial_ring(void);
/* Makes an array that can be mapped into memory. Returns -EINVAL if the kernel has none. */
int trial_array(void);
/* Makes a hash that forgets what was used least recently. Returns -EINVAL if there is none. */
int trial_lru(void);
/* Makes a trie, for the longest prefix. Returns -EINVAL if the kernel has none (before 4.11). */
int trial_trie(void);
/*
 * Attaches a program to the root of the cgroup hierarchy, where it lets everything happen, and
 * detaches it at once. hook is sock_ops, sock_release, connect4 or connect6. Returns what
 * cgroup_open_root() returns, or -EINVAL if the kernel has no such hook.
 */
int trial_cgroup(const char *hook);
/*
 * Returns true if this kernel has programs of tracepoints, kprobes and the like
 * (CONFIG_BPF_EVENTS), whatever the caller may do with them.
 */
bool trial_tracing(void);
/*
 * Returns false if programs of this type cannot call the helper; true also if that cannot be
 * known.
 */
bool trial_helper(unsigned int type, unsigned int attach_type, unsigned int helper);
/* Returns true if the programs of cgroup hooks may read the kernel's memory. */
bool trial_cgroup_reads(void);
/* Loads one that asks for the cookie of the socket that the tracepoint passes. */
int trial_cookie(const char *tracepoint);
/*
 * Runs one of a raw tracepoint. Returns -ENOTSUP if the kernel can only attach such
 * programs (before Linux 5.10).
 */
int trial_run(void);
/* The same for one of packets (before Linux 4.12). */
int trial_run_packet(void);
/*
 * Loads one of a raw tracepoint. Returns -ENODEV if the kernel has none (before Linux 4.17, or
 * without CONFIG_BPF_EVENTS).
 */
int trial_raw_tp(void);
/*
 * Attaches a program of this type to a perf event, and detaches it at once. Sets *pinnable
 * if a link attached it.
 */
int trial_perf(unsigned int type, int perf, bool *pinnable);

#endif
