/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The running kernel. */
#ifndef TCPT_KERNEL_H
#define TCPT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#define BUILD_ID_TEXT 48

struct kernel_id {
	char release[65];
	char machine[65];
	char build_id[BUILD_ID_TEXT]; /* hex; empty if the kernel has none */
};

int kernel_id_read(struct kernel_id *id);
void kernel_boot_id(char *text, size_t size);
/* Until all BPF programs that run have come to their end, also those that were preempted. */
void kernel_await_programs(void);
/* Whether path, as /proc/self/ns/pid, is of the first pid namespace; known: whether it is there. */
bool kernel_is_first_pidns(const char *path, bool *known);
/* How many arguments the kernel's BTF gives this function. */
int kernel_function_args(const char *function);

#endif
