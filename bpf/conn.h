/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known of a sock, and how to ask the kernel for the rest.
 *
 * A sock is unknown, connecting (in the map pending) or open (in the map
 * conns). No hook is certain to run, so each step can be brought about by at
 * least two of them, and the map entry that a step inserts or deletes makes it
 * happen once: whoever deletes an entry first reports it.
 *
 * What filters hide is in the map hidden instead, and no step does more to it.
 *
 *   connecting   the change to SYN_SENT; tcp_connect               connect.h
 *   opened       the change to ESTABLISHED; all that comes later   connect.h
 *   accepted     the socket is handed to a task; its close         accept.h
 *   closed       a task closes; the change to CLOSE of an orphan;
 *                the destruction; the address is used again        close.h
 */
#ifndef TCPT_CONN_H
#define TCPT_CONN_H

#include "emit.h"
#include "sock.h"

#define key_of(sk) ((__u64)(unsigned long)(sk))

/*
 * ::ffff:0:0/96. The kernel keeps both forms of such a connection (sk_daddr_set,
 * net/ipv6/tcp_ipv6.c tcp_v6_connect, since 4.1).
 */
static __always_inline int is_v4_mapped(const struct in6_addr *a)
{
	return a->word[0] == 0 && a->word[1] == 0 && a->word[2] == bpf_htonl(0xffff);
}

static __always_inline void read_addresses(struct sock *sk, struct tcpt_abi_tuple *tuple)
{
	struct in6_addr daddr = {};

	tuple->family = 4;
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6 &&
	    bpf_core_field_exists(sk->__sk_common.skc_v6_daddr) &&
	    bpf_core_field_exists(sk->__sk_common.skc_v6_rcv_saddr)) {
		BPF_CORE_READ_INTO(&daddr, sk, __sk_common.skc_v6_daddr);
		if (!is_v4_mapped(&daddr)) {
			tuple->family = 6;
			__builtin_memcpy(tuple->daddr, &daddr, sizeof(daddr));
			BPF_CORE_READ_INTO(&daddr, sk, __sk_common.skc_v6_rcv_saddr);
			__builtin_memcpy(tuple->saddr, &daddr, sizeof(daddr));
			return;
		}
	}
	tuple->daddr[0] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	tuple->saddr[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
}

/* A reset takes skc_num away (inet_put_port) and leaves inet_sport. */
static __always_inline __u16 read_sport(struct sock *sk)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	__u16 num = BPF_CORE_READ(sk, __sk_common.skc_num);

	if (num == 0 && bpf_core_field_exists(inet->inet_sport))
		num = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
	return num;
}

/* skc_net is empty where network namespaces are not built in. */
static __always_inline __u32 read_netns(struct sock *sk)
{
	struct net *net = NULL;

	if (!bpf_core_field_exists(sk->__sk_common.skc_net.net) ||
	    !bpf_core_field_exists(net->ns.inum))
		return 0;
	net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	return BPF_CORE_READ(net, ns.inum);
}

/* tuple comes zeroed. */
static __always_inline void read_tuple(struct sock *sk, struct tcpt_abi_tuple *tuple)
{
	read_addresses(sk, tuple);
	tuple->sport = read_sport(sk);
	tuple->dport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	tuple->netns = read_netns(sk);
}

static __always_inline int same_ends(const struct tcpt_abi_tuple *a, const struct tcpt_abi_tuple *b)
{
	return a->sport == b->sport && a->dport == b->dport && a->netns == b->netns &&
	       a->daddr[0] == b->daddr[0] && a->daddr[3] == b->daddr[3] &&
	       a->saddr[0] == b->saddr[0] && a->saddr[3] == b->saddr[3];
}

static __always_inline __u8 read_state(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state);
}

/*
 * SCTP and DCCP pass some of the hooks too. The member is 8 bits of a bit-field
 * before 5.6; there nothing tells them apart.
 */
static __always_inline int is_tcp_protocol(struct sock *sk)
{
	__u16 protocol;

	if (!bpf_core_field_exists(sk->sk_protocol) || bpf_core_field_size(sk->sk_protocol) != 2)
		return 1;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

static __always_inline int is_tcp(struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && is_tcp_protocol(sk);
}

/* The kernel makes one when somebody first asks for it; until then it is 0. */
static __always_inline __u64 read_cookie(struct sock *sk)
{
	if (!bpf_core_field_exists(sk->__sk_common.skc_cookie))
		return 0;
	return BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
}

static __always_inline int read_error(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_err) ? BPF_CORE_READ(sk, sk_err) : 0;
}

/* One that the sock has survived so far, until somebody asks. */
static __always_inline int read_soft_error(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_err_soft) ? BPF_CORE_READ(sk, sk_err_soft) : 0;
}

/* Known in tracepoint mode only. */
static __always_inline int is_in_shutdown(void)
{
	__u64 key = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&shutdowns, &key) != NULL;
}

/* Both directions are shut, by shutdown() or because the socket is being closed. */
static __always_inline int is_shut(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_shutdown) &&
	       BPF_CORE_READ(sk, sk_shutdown) == SHUTDOWN_MASK;
}

/* No task holds the socket any more (sock_orphan). 0 too when that is not known. */
static __always_inline int is_orphan(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_socket) && !BPF_CORE_READ(sk, sk_socket);
}

/*
 * The sock that the trace reports: of a subflow of an MPTCP connection that of the
 * connection, whose socket it shares, else sk itself. Before 5.0 inet_release()
 * clears socket.sk ahead of the close.
 */
static __always_inline struct sock *owner_of(struct sock *sk)
{
	struct socket *socket = NULL;
	struct sock *owner;

	if (!bpf_core_field_exists(sk->sk_socket) || !bpf_core_field_exists(socket->sk))
		return sk;
	socket = BPF_CORE_READ(sk, sk_socket);
	if (!socket)
		return sk;
	owner = BPF_CORE_READ(socket, sk);
	return owner ? owner : sk;
}

static __always_inline int is_subflow(struct sock *sk)
{
	return owner_of(sk) != sk;
}

/*
 * In the midst of a change that a task makes to its own connection, accepted or
 * not. A kernel worker that ends an MPTCP subflow has no socket for it.
 */
static __always_inline int is_of_a_task(struct sock *sk)
{
	return !is_orphan(sk) && !is_subflow(sk);
}

/*
 * What is known of a hidden one: its ends, of a client's as far as they are known at
 * the first step.
 */
static __always_inline struct tcpt_abi_tuple *find_hidden(struct sock *sk)
{
	struct tcpt_abi_control *control = controls();
	__u64 key = key_of(sk);

	return control && control->hiding ? bpf_map_lookup_elem(&hidden, &key) : NULL;
}

/* Filters have decided against this connection; the flag spares all others the look. */
static __always_inline void hide(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	struct tcpt_abi_control *control = controls();
	__u64 key = key_of(sk);

	if (control && !control->hiding)
		control->hiding = 1;
	bpf_map_update_elem(&hidden, &key, tuple, BPF_ANY);
}

static __always_inline void unhide(struct sock *sk)
{
	struct tcpt_abi_control *control = controls();
	__u64 key = key_of(sk);

	if (control && control->hiding)
		bpf_map_delete_elem(&hidden, &key);
}

static __always_inline struct tcpt_abi_conn *find_conn(struct sock *sk)
{
	__u64 key = key_of(sk);

	return bpf_map_lookup_elem(&conns, &key);
}

/*
 * One for which there is no room counts once: it has a role when it begins, and
 * none when it is tried again at its close.
 */
static __always_inline void remember(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);

	if (bpf_map_update_elem(&conns, &key, conn, BPF_ANY) && conn->role)
		count(conns_full);
}

/*
 * Unless it is known by now: a task may take a connection from the queue, as seen
 * from the return of inet_csk_accept, while another CPU establishes it. Where there
 * is no room it is tried again when it is accepted.
 */
static __always_inline void remember_new(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);

	if (!bpf_map_update_elem(&conns, &key, conn, BPF_NOEXIST) && find_hidden(sk))
		bpf_map_delete_elem(&conns, &key);
}

/* 0 for the one caller that took the entry away. */
static __always_inline long forget(struct sock *sk)
{
	__u64 key = key_of(sk);

	return bpf_map_delete_elem(&conns, &key);
}

#endif
