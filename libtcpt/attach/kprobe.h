/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kprobes and kretprobes on kernel functions. */
#ifndef TCPT_KPROBE_H
#define TCPT_KPROBE_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_link;
struct bpf_program;

/*
 * Makes a kprobe or a kretprobe, by name, or by address if symbol is NULL. Returns the
 * descriptor of its perf event. -ENODEV: this kernel has no kprobes.
 */
int kprobe_open(const char *symbol, uint64_t address, bool is_return);
/* Attaches a program to a kprobe of its own. Returns NULL, with errno, if it cannot. */
struct bpf_link *kprobe_attach(const char *symbol, const struct bpf_program *prog);
/*
 * Returns true if this function is called when the kernel gives a task two descriptors by
 * pipe(2). It says so too if it cannot find out, before Linux 4.17.
 */
bool kprobe_is_passed_by_pipe(const char *symbol);
/* Returns true if tcpt has made the named kprobe event, on this function. */
bool kprobe_is_on(const char *event, const char *function);
/*
 * Removes the named kprobes of this process and of processes that have ended. Returns the
 * number of those that are in use.
 */
unsigned int kprobe_tidy(void);
/*
 * The same, once they are in use no longer: the kernel lets go of one some time after the
 * last descriptor or the pin is gone. It does not wait for ever.
 */
void kprobe_tidy_await(void);

#endif
