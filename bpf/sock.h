/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tracer's view of the kernel's structs has only the members that it reads, with
 * the kernel's names. Their offsets are filled in at load time (CO-RE), from the
 * offsets document or from the kernel's own BTF.
 */
#ifndef TCPT_SOCK_H
#define TCPT_SOCK_H

#include <linux/types.h>

/* It is read as a whole: its members are not those of the kernel. */
struct in6_addr {
	__u32 word[4];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	long long counter;
} atomic64_t;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	__u8 sk_shutdown;
	__u16 sk_protocol;
	int sk_err;
	int sk_err_soft;
	struct socket *sk_socket;
};

struct inet_sock {
	__u16 inet_sport;
};

struct tcp_sock {
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 srtt_us;
	__u32 total_retrans;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

struct file {
	void *private_data;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct task_struct {
	struct files_struct *files;
};

/*
 * The records of tracepoints have these members. The header before them is longer on
 * some kernels.
 */
struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
};

struct trace_event_raw_tcp_event_sk {
	const void *skaddr;
};

struct trace_event_raw_sys_enter {
	unsigned long arg0; /* args[0] and args[1] of the kernel */
	unsigned long arg1;
};

struct trace_event_raw_sys_exit {
	long ret;
};

#pragma clang attribute pop

#define AF_INET 2
#define AF_INET6 10
#define F_DUPFD 0
#define F_DUPFD_CLOEXEC 1030

#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262

#define SHUTDOWN_MASK 3

#endif
