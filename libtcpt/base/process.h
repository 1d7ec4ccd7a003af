/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process that is there, as /proc shows it. */
#ifndef TCPT_PROCESS_H
#define TCPT_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct process {
	uint32_t ppid;
	uint64_t started; /* CLOCK_MONOTONIC, ns, to a tick of 10 ms; a moment early */
	char comm[16];
	char exe[PATH_MAX]; /* empty: a thread of the kernel, or not permitted to look */
};

/* Returns false if there is none, or no more. Takes threads too, by their ids. */
bool process_read(uint32_t pid, struct process *process);

#endif
