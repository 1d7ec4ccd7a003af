/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of processes that a trace has seen fork and execute (processes.h). The BPF
 * programs and libtcpt share this.
 */
#ifndef TCPT_ABI_PROCESS_H
#define TCPT_ABI_PROCESS_H

#include "tcpt_abi.h"

#define TCPT_ABI_PROCESSES 16384 /* places; a power of two */
#define TCPT_ABI_EXE_LEN 256

/*
 * Process PID has place PID % TCPT_ABI_PROCESSES. It keeps it when it has ended, until
 * another one gets it.
 */
struct tcpt_abi_process {
	__u32 seq; /* odd while the rest is being written; it grows with each change */
	__u32 pid; /* initial pid namespace; 0: the place is free */
	__u64 started; /* CLOCK_MONOTONIC, ns; 0: not known */
	__u64 executed; /* exe and comm are of then, ns; no later than started if it only forked */
	__u32 ppid; /* the process that forked it; 0: not known */
	__u32 has_ended;
	char comm[TCPT_COMM_LEN];
	char exe[TCPT_ABI_EXE_LEN]; /* as execve was given it; empty: not known */
};
_Static_assert(sizeof(struct tcpt_abi_process) == 304, "tcpt_abi_process");

#endif
