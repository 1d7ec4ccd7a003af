// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer. Each attach mode has a file of attach points, and
 * libtcpt/attach/hooks.c says which of them it loads. The steps that they bring about
 * are in connect.h, accept.h and close.h; those of cgroup mode in cgroup-begin.h.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/* libbpf loads the programs in this order. What a kernel may refuse comes first. */
#ifndef TCPT_SPLIT
#include "cgroup.h"
#include "fentry.h"
#endif
#include "kprobe.h"
#include "tracepoint.h"
#include "processes.h"

/* It is attached to nothing: the loader runs it. */
SEC("raw_tp")
int announce(struct bpf_raw_tracepoint_args *ctx)
{
	announced(ctx->args[0]);
	return 0;
}

/*
 * It stands in for announce before Linux 5.10. The loader attaches it for a moment and
 * makes system calls that have these arguments; sys_enter passes the registers of a call.
 * Whoever else makes such a call has a connection reported that is about to be.
 */
SEC("raw_tp/sys_enter")
int announce_called(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), &PT_REGS_PARM2(regs));
	if (word != TCPT_ABI_ANNOUNCE)
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word), &PT_REGS_PARM3(regs));
	announced(word);
	return 0;
}

/* It stands in for both where the kernel has no tracing programs: the loader runs it. */
SEC("socket")
int announce_packet(struct __sk_buff *packet)
{
	__u64 cookie = 0;

	if (!bpf_skb_load_bytes(packet, 0, &cookie, sizeof(cookie)))
		announced(cookie);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
