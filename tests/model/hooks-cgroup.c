// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs of control groups: what they are passed, and where they are called. */
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf_endian.h>

#include "hooks.h"

/* A program of sock_ops has the sock's lock. */
static void fill_ops(struct bpf_sock_ops *ops, struct model_sock *s, const uint64_t *argument)
{
	const struct sock_common *common = &s->sk.__sk_common;

	ops->op = argument[1];
	ops->args[0] = argument[2] >> 8;
	ops->args[1] = argument[2] & 0xff;
	ops->family = common->skc_family;
	ops->local_ip4 = common->skc_rcv_saddr;
	ops->remote_ip4 = common->skc_daddr;
	memcpy(ops->local_ip6, &common->skc_v6_rcv_saddr, sizeof(ops->local_ip6));
	memcpy(ops->remote_ip6, &common->skc_v6_daddr, sizeof(ops->remote_ip6));
	ops->local_port = common->skc_num;
	ops->remote_port = bpf_htonl((uint32_t)bpf_ntohs(common->skc_dport));
	ops->bytes_acked = s->tcp.bytes_acked;
	ops->bytes_received = s->tcp.bytes_received;
	ops->srtt_us = s->tcp.srtt_us;
	ops->total_retrans = s->tcp.total_retrans;
	ops->bpf_sock_ops_cb_flags = s->ops_flags;
	ops->sk = (struct bpf_sock *)(void *)&s->sk;
}

/* Nobody has the lock of a sock that is released: its state is read when the program asks. */
void hook_refresh(void)
{
	const struct thread *thread = current_thread;
	struct bpf_sock *sock = thread->context;

	if (thread->step == STEP_CLOSING)
		sock->state = world.sock[thread->sock - 1].sk.__sk_common.skc_state;
}

void hook_run_for_sock(int (*run)(void *context), enum context context, const uint64_t *argument)
{
	struct model_sock *s = (struct model_sock *)(uintptr_t)argument[0];
	struct bpf_sock_addr address = { .protocol = s->sk.sk_protocol };
	struct bpf_sock sock = { .type = 1, .protocol = s->sk.sk_protocol };
	struct bpf_sock_ops ops = {};
	void *const contexts[] = {
		[CONTEXT_SOCK_ADDR] = &address,
		[CONTEXT_SOCK_OPS] = &ops,
		[CONTEXT_BPF_SOCK] = &sock,
	};

	fill_ops(&ops, s, argument);
	current_thread->sock = s - world.sock + 1;
	current_thread->context = contexts[context];
	run(current_thread->context);
	current_thread->sock = 0;
	current_thread->context = NULL;
}

void hook_fire_cgroup(enum site site, enum step step, int sock, uint64_t a, uint64_t b)
{
	for (int i = 0; i < world.stage.generations; i++)
		if (mode_of(i)->is_cgroup) {
			hook_fire(site, step, sock, sock_address(sock), a, b);
			return;
		}
}

void hook_fire_ops(enum step step, int sock, int op)
{
	hook_fire_cgroup(SITE_OPS, step, sock, op, 0);
}
