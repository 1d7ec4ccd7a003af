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

/* kernel-can.c: makes the call in a child, so that this process stays as it is. */
int can_child(int (*call)(void), const char *what);

/* kernel-can-bpf.c */
int prog_load(enum bpf_prog_type type); /* `return 0'; fd or -1 with errno */
/* kernel-can.c says what the argument is. */
int can_bpf(const char *unused);
int can_kprobe(const char *function);
int can_raw_tp(const char *name);
int can_tracepoint(const char *event); /* CATEGORY/NAME */
int can_fentry(const char *function);
int can_tp_btf(const char *name);
int can_fexit(const char *function);
int can_cgroup(const char *unused);
int can_netns_cookie(const char *unused);
int can_ringbuf(const char *unused);
int can_plain_maps(const char *unused);
int can_unlocked_maps(const char *unused);
int can_link_pin(const char *name);
int can_fentry_pin(const char *function);
int can_perf_link_pin(const char *function);

/* kernel-can-perf.c: perf events; fds or -1 with errno */
int perf_kprobe_open(const char *function);
int perf_tracepoint_open(const char *category, const char *name);
int perf_prog_set(int perf, int prog);
int can_perfmon(const char *unused);
void perf_kprobe_forget(void); /* removes what tracefs was given, if it was */

/* kernel-can-net.c */
int can_nftables(const char *unused);
int can_veth(const char *unused);

/* kernel-can-mount.c: file systems in a mount namespace of this process only */
const char *tracefs_path(void); /* NULL with errno */
const char *bpffs_path(void);

/* kernel-can-diag.c */
int can_tcp_diag(const char *unused);

#endif
