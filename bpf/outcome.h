/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The outcome says what a connection carried, and how it ended. */
#ifndef TCPT_OUTCOME_H
#define TCPT_OUTCOME_H

#include <linux/errno.h>

#include "turn.h"

/* Returns which end sent the first FIN, by the state before the end. */
static __always_inline __u8 first_to_close(__u8 state)
{
	if (state == TCPT_CLOSE)
		return TCPT_ABI_REASON_UNKNOWN;
	return state == TCPT_CLOSE_WAIT || state == TCPT_LAST_ACK ? TCPT_ABI_PEER : TCPT_ABI_LOCAL;
}

/*
 * Returns why a connection comes to CLOSE from this state. tcp_reset(), tcp_abort()
 * and tcp_write_err() (ETIMEDOUT, or the ICMP error that came while nothing was
 * acknowledged) set sk_err before that change. tcp_close() with unread data or
 * SO_LINGER 0 and tcp_disconnect() send a reset and do not set it.
 */
static __always_inline __u8 reason_to_end(struct sock *sk, __u8 state)
{
	int error = read_error(sk);

	if (error == ECONNRESET || error == EPIPE || error == ECONNABORTED)
		return TCPT_ABI_RESET;
	if (error)
		return TCPT_ABI_TIMEOUT;
	if (state != TCPT_ESTABLISHED && state != TCPT_CLOSE_WAIT)
		return first_to_close(state);
	return bpf_core_field_exists(sk->sk_err) || is_shut(sk) ? TCPT_ABI_RESET :
								  TCPT_ABI_REASON_UNKNOWN;
}

/*
 * The kernel counts a FIN as one byte, and the SYN of the end that connected too
 * (tcp_snd_una_update() and tcp_rcv_nxt_update() of net/ipv4/tcp_input.c). The SYN of
 * the end that accepted does not count: its request sock sent it.
 */
static __always_inline __u64 count_own_fin(const struct tcpt_abi_conn *conn, __u8 state, int is_end)
{
	return state == TCPT_FIN_WAIT2 ||
	       ((state == TCPT_LAST_ACK || state == TCPT_CLOSING) && is_end &&
		conn->reason != TCPT_ABI_RESET && conn->reason != TCPT_ABI_TIMEOUT);
}

/* The peer's FIN (tcp_fin()) or a reset leads from FIN_WAIT2 to CLOSE. */
static __always_inline __u64 count_peers_fin(struct sock *sk, const struct tcpt_abi_conn *conn,
					     __u8 state, int is_end)
{
	return state == TCPT_CLOSE_WAIT || state == TCPT_LAST_ACK || state == TCPT_CLOSING ||
	       (state == TCPT_FIN_WAIT2 && is_end && !conn->closing && is_shut(sk));
}

/*
 * Notes the bytes. state is the last one before CLOSE. If that is not known, neither
 * are the bytes.
 */
static __always_inline void note_bytes(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state,
				       int is_end)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u64 bytes, extra;

	if (state == TCPT_CLOSE)
		return;
	if (bpf_core_field_exists(tp->bytes_acked) && conn->role) {
		bytes = BPF_CORE_READ(tp, bytes_acked);
		extra = count_own_fin(conn, state, is_end) + (conn->role == TCPT_ABI_CLIENT);
		conn->figures.bytes_sent = bytes > extra ? bytes - extra : 0;
		conn->known |= TCPT_ABI_BYTES_SENT;
	}
	if (bpf_core_field_exists(tp->bytes_received)) {
		bytes = BPF_CORE_READ(tp, bytes_received);
		extra = count_peers_fin(sk, conn, state, is_end);
		conn->figures.bytes_received = bytes > extra ? bytes - extra : 0;
		conn->known |= TCPT_ABI_BYTES_RECEIVED;
	}
}

/* An MPTCP sock is no tcp_sock; its subflows are. */
static __always_inline int is_tcp_sock(struct sock *sk)
{
	return !bpf_core_field_exists(sk->sk_protocol) ||
	       bpf_core_field_size(sk->sk_protocol) != 2 ||
	       BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

/*
 * Notes the figures when the connection ends: tcp_disconnect() clears them afterwards. It
 * may have done so if the last state is not known. No RTT shows that it has.
 */
static __always_inline void note_figures(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state,
					 int is_end)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	if (!conn->cookie)
		conn->cookie = read_cookie(sk);
	if (!is_tcp_sock(sk))
		return;
	note_bytes(sk, conn, state, is_end);
	if (bpf_core_field_exists(tp->srtt_us)) {
		conn->figures.srtt_us = BPF_CORE_READ(tp, srtt_us) >> 3;
		if (conn->figures.srtt_us)
			conn->known |= TCPT_ABI_SRTT;
	}
	if (bpf_core_field_exists(tp->total_retrans) &&
	    (state != TCPT_CLOSE || conn->figures.srtt_us)) {
		conn->figures.retransmits = BPF_CORE_READ(tp, total_retrans);
		conn->known |= TCPT_ABI_RETRANSMITS;
	}
}

/*
 * The connection comes to CLOSE from this state. Only now a reset can be seen. ended is
 * set last, since its task may be closing the connection on another CPU.
 */
static __always_inline void note_end(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state)
{
	if (conn->ended)
		return;
	conn->reason = reason_to_end(sk, state);
	note_figures(sk, conn, state, 1);
	barrier();
	conn->ended = state;
}

/* The current task closes or shuts down. A late close names it. */
static __always_inline void note_closer(struct tcpt_abi_conn *conn, int closing)
{
	struct tcpt_abi_task by = {};

	current_task(&by);
	copy(&conn->closer, &by);
	conn->closing = closing;
}

/*
 * No hook saw the close. The task that shut the connection down or else the one that
 * opened it stands for the closer. Returns 0 if the connection was never accepted:
 * then there is nothing to report.
 */
static __always_inline int guess_closer(struct sock *sk, struct tcpt_abi_conn *conn)
{
	if (!conn->reported) {
		forget(sk);
		return 0;
	}
	if (!conn->closer.pid)
		copy(&conn->closer, &conn->opener);
	conn->closing = 1;
	return 1;
}

static __always_inline void fill_close(struct tcpt_abi_close *close,
				       const struct tcpt_abi_conn *conn)
{
	fill(&close->event, conn, &conn->closer);
	copy(&close->figures, &conn->figures);
	close->opener_pid = conn->opener.pid;
	close->known = conn->known;
	close->reason = conn->reason;
}

static __always_inline void carried(const struct tcpt_abi_figures *figures)
{
	struct tcpt_abi_counters *own = own_counters();

	if (own)
		count_traffic(own, figures);
}

/* Reports the close by conn->closer, with the outcome that was noted. */
static __always_inline void conclude(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	struct tcpt_abi_figures figures;
	struct tcpt_abi_close *close;

	if (conn->reported == TCPT_ABI_HIDDEN || hides_type(TCPT_ABI_CLOSE)) {
		forget(sk);
		return;
	}
	close = reserve(sizeof(*close), TCPT_ABI_CLOSE, flags);
	if (!close) {
		figures = conn->figures;
		if (forget(sk))
			return;
		carried(&figures);
		lost(TCPT_ABI_CLOSE, flags);
		return;
	}
	fill_close(close, conn);
	if (forget(sk)) {
		discard(close);
	} else {
		carried(&close->figures);
		submit(&close->event, sizeof(*close), TCPT_ABI_CLOSE, flags);
	}
}

/* The close was missed, and the sock is in use for another connection already. */
static __always_inline void closed_unseen(struct sock *sk, struct tcpt_abi_conn *conn)
{
	if (guess_closer(sk, conn))
		conclude(sk, conn, TCPT_ABI_LATE);
}

/*
 * Closes what conns still has of a connection with other ends. The task that accepts may
 * find it too, while another CPU establishes the sock: the return of inet_csk_accept() holds
 * no lock of it. Each would delete what the other has inserted meanwhile. Returns 0 if the
 * other one is at it.
 */
static __always_inline int clear_remains(struct sock *sk, const struct tcpt_abi_tuple *tuple)
{
	__u64 key = key_of(sk);
	struct tcpt_abi_conn *conn;
	__u8 one = 1;

	if (bpf_map_update_elem(&shutdowns, &key, &one, BPF_NOEXIST) == -EEXIST)
		return 0;
	conn = find_conn(sk);
	if (conn && !same_ends(&conn->tuple, tuple))
		closed_unseen(sk, conn);
	bpf_map_delete_elem(&shutdowns, &key);
	return 1;
}

#endif
