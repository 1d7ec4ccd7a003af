// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One instruction more than a jump can pass. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int too_long(struct __sk_buff *skb)
{
	asm volatile(".rept 32766\n"
		     "r0 = 0\n"
		     ".endr" ::
			     : "r0");
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
