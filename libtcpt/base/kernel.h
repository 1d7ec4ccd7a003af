/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The running kernel. */
#ifndef TCPT_KERNEL_H
#define TCPT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_ID_TEXT 48

struct kernel_id {
	char release[65];
	char machine[65];
	char build_id[BUILD_ID_TEXT]; /* hex; empty if the kernel has none */
};

/* Reads what identifies the running kernel. Returns 0 or a negative errno. */
int kernel_id_read(struct kernel_id *id);
/*
 * Returns the kernel's version as programs on kprobes have to name it before Linux 5.0. It
 * need not be that of the release: 4.19.0-27 of a distribution can be 4.19.316.
 */
uint32_t kernel_version(void);
/* Writes the id of this boot to text; an empty text if it cannot be read. */
void kernel_boot_id(char *text, size_t size);
/*
 * Waits until each BPF program that runs has ended, also one that was preempted. Where
 * membarrier(2) is of no use, waits 100 ms instead, which a preempted program may
 * outlast.
 */
void kernel_await_programs(void);
/*
 * Returns whether path, such as /proc/self/ns/pid, is the first pid namespace. Sets
 * known to whether path could be looked at.
 */
bool kernel_is_first_pidns(const char *path, bool *known);
/*
 * Returns how many arguments the kernel's BTF gives the function. Returns a negative
 * errno if there is no BTF, or if the function is not in it.
 */
int kernel_function_args(const char *function);

#endif
