// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* No compiler can do without a section of constants here. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const __u32 primes[] = { 2, 3, 5, 7, 11, 13, 17, 19 };

SEC("socket")
int constant(struct __sk_buff *skb)
{
	return primes[bpf_get_prandom_u32() & 7];
}

char _license[] SEC("license") = "Dual BSD/GPL";
