/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a connect fails. */
#ifndef TCPT_REFUSAL_H
#define TCPT_REFUSAL_H

#include "conn.h"

/*
 * The members stand for the hooks that see ICMP errors. The loader puts a member into
 * the BTF for each hook that it attaches.
 */
struct tcpt_heeds {
	__u8 ipv4;
	__u8 ipv6;
} __attribute__((preserve_access_index));

static __always_inline __u16 own_heeds(void)
{
	struct tcpt_heeds *heeds = NULL;

	return (bpf_core_field_exists(heeds->ipv4) ? TCPT_ABI_HEEDS_IPV4 : 0) |
	       (bpf_core_field_exists(heeds->ipv6) ? TCPT_ABI_HEEDS_IPV6 : 0);
}

/*
 * ICMP refuses a connect. If a task is busy with the sock, the kernel leaves it in
 * SYN_SENT and notes the error in sk_err_soft. It does so whenever this host's own
 * firewall answers, because connect() still runs then. SO_ERROR returns the error and
 * clears it. Over IPv4, poll() wakes the program at once (tcp_v4_err(), tcp_v6_err(),
 * ip_icmp_error()). The program then asks and closes, and the sock shows no reason any
 * more. The refusal of a subflow is noted for its connection.
 */
static __always_inline void refused(struct sock *sk, int error)
{
	__u64 key = key_of(owner_of(sk));
	struct tcpt_abi_pending *connect = bpf_map_lookup_elem(&pending, &key);

	if (connect && error)
		connect->refusal = error;
}

/*
 * A subflow fails, and its connection is about to. The connection comes to CLOSE
 * without an error yet, or it has taken the error from the subflow
 * (__mptcp_error_report()), and the program has taken it from there.
 */
static __always_inline void subflow_failed(struct sock *sk)
{
	struct sock *owner = owner_of(sk);
	int error;

	if (owner == sk)
		return;
	error = read_error(sk);
	refused(owner, error ? error : read_error(owner));
}

/* Returns the newest refusal of a connect; 0 if there is none. */
static __always_inline int read_refusal(struct sock *sk, const struct tcpt_abi_pending *connect)
{
	int error = read_soft_error(sk);

	return error ? error : connect->refusal;
}

/* The hooks cannot have missed a refusal of this connect. */
static __always_inline int is_heeded(const struct tcpt_abi_pending *connect, __u8 family)
{
	return connect->heeds & (family == 6 ? TCPT_ABI_HEEDS_IPV6 : TCPT_ABI_HEEDS_IPV4);
}

/*
 * Returns why a connect failed; 0 if that is not known. The kernel sets sk_err before
 * the change to CLOSE, except in two cases. A task gives up, by close(), shutdown() or
 * another connect (tcp_disconnect()); it may do so because ICMP refused the connect.
 * Or tcp_v4_connect() or tcp_v6_connect() fails before any segment is sent.
 */
static __always_inline int error_of(struct sock *sk, const struct tcpt_abi_pending *connect,
				    __u8 family)
{
	int error = read_error(sk), is_sent = connect->tuple.family != 0;

	if (!error)
		error = read_refusal(sk, connect);
	if (error)
		return error;
	if (is_shut(sk) || (bpf_core_field_exists(sk->sk_err) && is_sent) || is_in_shutdown())
		return is_heeded(connect, family) ? ECANCELED : 0;
	return 0;
}

/* Does the same for a sock whose change to CLOSE was missed: only a noted error is known. */
static __always_inline int late_error_of(struct sock *sk, const struct tcpt_abi_pending *connect)
{
	int error = read_error(sk);

	return error ? error : read_refusal(sk, connect);
}

#endif
