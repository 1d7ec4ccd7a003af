// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A CO-RE program as others write them: the kernel's types by the kernel's
 * names, nested as in the kernel's own vmlinux.h, which is what these are cut
 * from. Reports each TCP socket that becomes established.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "foreign.h"

#define AF_INET6 10
#define TCP_ESTABLISHED 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be16 u6_addr16[8];
		__be32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	union {
		__u64 skc_addrpair;
		struct {
			__be32 skc_daddr;
			__be32 skc_rcv_saddr;
		};
	};
	union {
		unsigned int skc_hash;
		__u16 skc_u16hashes[2];
	};
	union {
		__u32 skc_portpair;
		struct {
			__be16 skc_dport;
			__u16 skc_num;
		};
	};
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	unsigned char skc_ipv6only : 1;
	unsigned char skc_net_refcnt : 1;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline void read_addresses(struct foreign_event *event, struct sock *sk)
{
	if (event->family == AF_INET6 &&
	    bpf_core_field_exists(sk->__sk_common.skc_v6_daddr.in6_u.u6_addr32)) {
		BPF_CORE_READ_INTO(&event->daddr, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32);
		BPF_CORE_READ_INTO(&event->saddr, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32);
	} else {
		event->daddr[0] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		event->saddr[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	}
}

/* Nobody is woken from in here, so that nothing makes the kernel skip the next one. */
static __always_inline int report(struct sock *sk, int state)
{
	struct foreign_event event = {};

	if (state != TCP_ESTABLISHED)
		return 0;
	event.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	event.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	event.sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	event.dport = BPF_CORE_READ(sk, __sk_common.skc_dport);
	read_addresses(&event, sk);
	bpf_ringbuf_output(&events, &event, sizeof(event), BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(foreign_raw_tp, struct sock *sk, int old_state, int new_state)
{
	return report(sk, new_state);
}

SEC("kprobe/tcp_set_state")
int BPF_KPROBE(foreign_kprobe, struct sock *sk, int state)
{
	return report(sk, state);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
