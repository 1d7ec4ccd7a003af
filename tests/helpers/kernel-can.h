/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel-can: what the running kernel can do, asked by doing it.
 *
 * A check returns 0 when it can, else -1 after can_not() has noted why.
 */
#ifndef KERNEL_CAN_H
#define KERNEL_CAN_H

#include <linux/bpf.h>

/* Notes the reason, with errno's text unless errno is 0; returns -1. */
int can_not(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* kernel-can-bpf.c */
int prog_load(enum bpf_prog_type type); /* `return 0'; fd or -1 with errno */
int can_bpf(void);
int can_kprobe(void);
int can_raw_tp(void);
int can_tracepoint(void);
int can_fentry(void);
int can_ringbuf(void);
int can_link_pin(void);
int can_perf_link_pin(void);

/* kernel-can-perf.c: perf events; fds or -1 with errno */
int perf_kprobe_open(const char *function);
int perf_tracepoint_open(const char *category, const char *name);
int perf_prog_set(int perf, int prog);
void perf_kprobe_forget(void); /* removes what tracefs was given, if it was */

/* kernel-can-net.c */
int can_nftables(void);
int can_veth(void);

/* kernel-can-mount.c: file systems in a mount namespace of this process only */
const char *tracefs_path(void); /* NULL with errno */
const char *bpffs_path(void);

/* kernel-can.c */
extern const char *const kprobe_function;

#endif
