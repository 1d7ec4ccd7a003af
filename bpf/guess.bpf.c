// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guess's program: it copies kernel memory, and knows no field.
 *
 * It acts when a TCP socket of the requesting thread changes its state. It recognises
 * the thread by the random name that the thread gave itself, which works in any pid
 * namespace. It serves each request once.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tcpt_abi_guess.h"

/* The guess writes it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_guess_request);
} request SEC(".maps");

/* The guess clears done. The program fills the other members, and sets done. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcpt_guess_reply);
} reply SEC(".maps");

struct chunk {
	__u64 word[TCPT_GUESS_CHUNK / 8];
};

/* The memory that was copied for each slot of the request. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCPT_GUESS_SLOTS);
	__type(key, __u32);
	__type(value, struct chunk);
} chunks SEC(".maps");

static __always_inline int is_own(const struct tcpt_guess_request *req)
{
	__u64 comm[2] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == *(const __u64 *)req->comm && comm[1] == *(const __u64 *)(req->comm + 8);
}

/*
 * Copies over the stack: before Linux 4.11 a probe read cannot write to map memory.
 * The stack is zeroed: Linux 4.4 wants it written before. Returns 1 if it cannot be read.
 */
static __always_inline __u32 copy(__u32 slot, __u64 address)
{
	struct chunk chunk = {};

	if (bpf_probe_read_kernel(&chunk, sizeof(chunk), (void *)(unsigned long)address))
		return 1;
	bpf_map_update_elem(&chunks, &slot, &chunk, BPF_ANY);
	return 0;
}

static __always_inline void serve(__u64 sk, __u32 state)
{
	__u32 zero = 0;
	struct tcpt_guess_request *req = bpf_map_lookup_elem(&request, &zero);
	struct tcpt_guess_reply *out = bpf_map_lookup_elem(&reply, &zero);
	__u32 failed = 0, count;
	__u64 base = 0;

	if (!req || !out || out->done || !(req->states >> (state & 31) & 1) || !is_own(req))
		return;
	out->sk = sk;
	out->task = bpf_get_current_task();
	out->state = state;
	/* In variables: on the stack Linux 4.9 forgets that an address inside a map is one. */
	count = req->count;
	if (req->base == TCPT_GUESS_SOCK)
		base = out->sk;
	else if (req->base == TCPT_GUESS_TASK)
		base = out->task;
#pragma unroll
	for (__u32 i = 0; i < TCPT_GUESS_SLOTS; i++)
		if (i < count)
			failed |= copy(i, base + req->slot[i]) << i;
	out->failed = failed;
	out->done = 1;
}

SEC("raw_tp/inet_sock_set_state")
int rt_guess(struct bpf_raw_tracepoint_args *ctx)
{
	serve(ctx->args[0], ctx->args[2]);
	return 0;
}

SEC("kprobe/tcp_set_state")
int kp_guess(struct pt_regs *ctx)
{
	serve(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
