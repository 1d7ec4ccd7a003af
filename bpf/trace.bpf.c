// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracer. Its attach points are in a file for each attach mode; which of
 * them are loaded is the mode's choice (libtcpt/attach/hooks.c), and what they mean is
 * in connect.h, accept.h, close.h.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/* What a kernel may refuse comes first: libbpf loads the programs in this order. */
#include "fentry.h"
#include "kprobe.h"
#include "tracepoint.h"

/* Attached to nothing: the loader runs it. */
SEC("raw_tp")
int announce(struct bpf_raw_tracepoint_args *ctx)
{
	announced(ctx->args[0]);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
