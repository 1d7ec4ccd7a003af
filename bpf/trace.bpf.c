// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer. Each attach mode has a file of attach points, and
 * libtcpt/attach/hooks.c says which of them it loads. The steps that they bring about
 * are in connect.h, accept.h and close.h.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/* libbpf loads the programs in this order. What a kernel may refuse comes first. */
#include "fentry.h"
#include "kprobe.h"
#include "tracepoint.h"

/* It is attached to nothing: the loader runs it. */
SEC("raw_tp")
int announce(struct bpf_raw_tracepoint_args *ctx)
{
	announced(ctx->args[0]);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
