/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a workload, and how they wait for each other. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Returns 0 in the child, which does not outlive its parent. */
pid_t fork_child(void);
/* Waits for a child, which has to end well. */
void reap(pid_t child);
void kill_and_reap(pid_t child);
/* Makes two ends; who is told at one has to be alive. */
void channel(int ends[2]);
void tell(int end);
void await_told(int end);
/* Returns the time of CLOCK_MONOTONIC. */
int64_t now_ns(void);

#endif
