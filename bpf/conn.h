/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of a sock is what the trace remembers of it, and reads from the kernel.
 *
 * A sock is unknown, connecting (in the map pending) or open (in the map
 * conns). The kernel may skip any hook. Therefore at least two hooks can bring
 * about each step, and a map entry makes it happen once: whoever deletes the entry
 * reports the step.
 *
 * A sock that filters hide is in the map hidden instead, and every step leaves it
 * there.
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
 * The address is in ::ffff:0:0/96. The sock of such a connection has the IPv4 address
 * too (sk_daddr_set(), tcp_v6_connect() of net/ipv6/tcp_ipv6.c, Linux 4.1).
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

/* A reset clears skc_num (inet_put_port()) and leaves inet_sport. */
static __always_inline __u16 read_sport(struct sock *sk)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	__u16 num = BPF_CORE_READ(sk, __sk_common.skc_num);

	if (num == 0 && bpf_core_field_exists(inet->inet_sport))
		num = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
	return num;
}

/* A kernel without network namespaces has nothing in skc_net. */
static __always_inline __u32 read_netns(struct sock *sk)
{
	struct net *net = NULL;

	if (!bpf_core_field_exists(sk->__sk_common.skc_net.net) ||
	    !bpf_core_field_exists(net->ns.inum))
		return 0;
	net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	return BPF_CORE_READ(net, ns.inum);
}

/* Fills tuple, which the caller has zeroed. */
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
 * SCTP and DCCP sockets pass some of the hooks too. Before Linux 5.6 sk_protocol is
 * part of a bit-field, which the trace cannot read; there they are taken for TCP.
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

/* Returns 0 if nobody has asked the kernel for this cookie yet. */
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

/* Returns an error that did not end the sock; the kernel reports it to who asks next. */
static __always_inline int read_soft_error(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_err_soft) ? BPF_CORE_READ(sk, sk_err_soft) : 0;
}

/* The current task is in shutdown(). Other modes than tracepoint mode do not know. */
static __always_inline int is_in_shutdown(void)
{
	__u64 key = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&shutdowns, &key) != NULL;
}

/* Both directions are shut, by shutdown() or by the close that runs. */
static __always_inline int is_shut(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_shutdown) &&
	       BPF_CORE_READ(sk, sk_shutdown) == SHUTDOWN_MASK;
}

/* No task holds the socket any more (sock_orphan()). Returns 0 if that is not known. */
static __always_inline int is_orphan(struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_socket) && !BPF_CORE_READ(sk, sk_socket);
}

/*
 * Returns the sock that the trace reports. A subflow of an MPTCP connection shares
 * its socket with the connection, which has another sock; that one is reported.
 * Before Linux 5.0 inet_release() clears socket.sk before it closes.
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
 * A task holds this connection, accepted or not, and the change is its own. A kernel
 * worker that ends an MPTCP subflow has no socket for it. A subflow becomes an orphan when
 * its connection is closed, on another CPU perhaps: one of the two looks, in this order,
 * shows it.
 */
static __always_inline int is_of_a_task(struct sock *sk)
{
	return !is_subflow(sk) && !is_orphan(sk);
}

/*
 * Returns the ends of a hidden connection; NULL if it is not hidden. The ends of a
 * client are those that were known at its first step.
 */
static __always_inline struct tcpt_abi_tuple *find_hidden(struct sock *sk)
{
	struct tcpt_abi_control *control = controls();
	__u64 key = key_of(sk);

	if (!SEES_NULL_ON_STACK)
		return bpf_map_lookup_elem(&hidden, &key);
	return control && control->hiding ? bpf_map_lookup_elem(&hidden, &key) : NULL;
}

/* Filters hide this connection. Nobody looks into the map before the flag is set. */
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

/*
 * Notes that the map pending was full. While it never was, an unknown connect that
 * fails is older than the trace.
 */
static __always_inline void note_full(void)
{
	struct tcpt_abi_counters *own = own_counters(), *first;
	__u32 zero = 0;

	if (!own || !own->pending_full)
		return;
	first = bpf_map_lookup_elem(&counters, &zero);
	if (first && !first->pending_was_full)
		first->pending_was_full = 1;
}

static __always_inline struct tcpt_abi_conn *find_conn(struct sock *sk)
{
	__u64 key = key_of(sk);

	return bpf_map_lookup_elem(&conns, &key);
}

/*
 * A connection that finds no room is counted once. It has a role when it begins, and
 * none when its close tries again.
 */
static __always_inline void remember(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);

	if (bpf_map_update_elem(&conns, &key, conn, BPF_ANY) && conn->role)
		count(conns_full);
}

/*
 * Inserts a connection that waits to be accepted, or is closed, unless it has an entry. It
 * has one if a task takes it from the queue while another CPU establishes it, as the return
 * of inet_csk_accept() shows. If there is no room, the accept tries again.
 */
static __always_inline void remember_new(struct sock *sk, const struct tcpt_abi_conn *conn)
{
	__u64 key = key_of(sk);

	if (!bpf_map_update_elem(&conns, &key, conn, BPF_NOEXIST) && find_hidden(sk))
		bpf_map_delete_elem(&conns, &key);
}

/* Returns 0 to the one caller that deleted the entry. */
static __always_inline long forget(struct sock *sk)
{
	__u64 key = key_of(sk);

	return bpf_map_delete_elem(&conns, &key);
}

#endif
