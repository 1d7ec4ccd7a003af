/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a connection carried, and how it ended. */
#ifndef TCPT_OUTCOME_H
#define TCPT_OUTCOME_H

#include <linux/errno.h>

#include "turn.h"

/* Who has sent the first FIN, given the state before the socket is closed or dies. */
static __always_inline __u8 first_to_close(__u8 state)
{
	if (state == TCPT_CLOSE)
		return TCPT_ABI_REASON_UNKNOWN;
	return state == TCPT_CLOSE_WAIT || state == TCPT_LAST_ACK ? TCPT_ABI_PEER : TCPT_ABI_LOCAL;
}

/*
 * Why a connection comes to CLOSE from this state. sk_err is set before that
 * change by tcp_reset(), tcp_write_err() (ETIMEDOUT, or what ICMP had to say
 * while nothing was acknowledged), tcp_abort(); not by tcp_close() with unread
 * data or SO_LINGER 0, nor by tcp_disconnect(), which all send a reset.
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
 * FINs count as a byte, and so does the SYN of the end that connected
 * (tcp_snd_una_update() and tcp_rcv_nxt_update() of net/ipv4/tcp_input.c); that
 * of the end that accepted does not, its request sock has sent it.
 */
static __always_inline __u64 count_own_fin(const struct tcpt_abi_conn *conn, __u8 state)
{
	return state == TCPT_FIN_WAIT2 ||
	       ((state == TCPT_LAST_ACK || state == TCPT_CLOSING) && conn->ended &&
		conn->reason != TCPT_ABI_RESET && conn->reason != TCPT_ABI_TIMEOUT);
}

/* From FIN_WAIT2 to CLOSE leads the peer's FIN (tcp_fin()), or a reset of either end. */
static __always_inline __u64 count_peers_fin(struct sock *sk, const struct tcpt_abi_conn *conn,
					     __u8 state)
{
	return state == TCPT_CLOSE_WAIT || state == TCPT_LAST_ACK || state == TCPT_CLOSING ||
	       (state == TCPT_FIN_WAIT2 && conn->ended && !conn->closing && is_shut(sk));
}

/* state is the last one before CLOSE, in which it is not known what is counted. */
static __always_inline void note_bytes(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u64 bytes, extra;

	if (state == TCPT_CLOSE)
		return;
	if (bpf_core_field_exists(tp->bytes_acked) && conn->role) {
		bytes = BPF_CORE_READ(tp, bytes_acked);
		extra = count_own_fin(conn, state) + (conn->role == TCPT_ABI_CLIENT);
		conn->figures.bytes_sent = bytes > extra ? bytes - extra : 0;
		conn->known |= TCPT_ABI_BYTES_SENT;
	}
	if (bpf_core_field_exists(tp->bytes_received)) {
		bytes = BPF_CORE_READ(tp, bytes_received);
		extra = count_peers_fin(sk, conn, state);
		conn->figures.bytes_received = bytes > extra ? bytes - extra : 0;
		conn->known |= TCPT_ABI_BYTES_RECEIVED;
	}
}

/* An MPTCP sock is no tcp_sock, its subflows are. */
static __always_inline int is_tcp_sock(struct sock *sk)
{
	return !bpf_core_field_exists(sk->sk_protocol) ||
	       bpf_core_field_size(sk->sk_protocol) != 2 ||
	       BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

/* tcp_disconnect() clears them: they are noted when the connection ends, not when it is closed. */
static __always_inline void note_figures(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	if (!conn->cookie)
		conn->cookie = read_cookie(sk);
	if (!is_tcp_sock(sk))
		return;
	note_bytes(sk, conn, state);
	if (bpf_core_field_exists(tp->srtt_us)) {
		conn->figures.srtt_us = BPF_CORE_READ(tp, srtt_us) >> 3;
		if (conn->figures.srtt_us)
			conn->known |= TCPT_ABI_SRTT;
	}
	if (bpf_core_field_exists(tp->total_retrans)) {
		conn->figures.retransmits = BPF_CORE_READ(tp, total_retrans);
		conn->known |= TCPT_ABI_RETRANSMITS;
	}
}

/* The connection comes to CLOSE from this state; only then a reset can be seen. */
static __always_inline void note_end(struct sock *sk, struct tcpt_abi_conn *conn, __u8 state)
{
	if (conn->ended)
		return;
	conn->ended = state;
	conn->reason = reason_to_end(sk, state);
	note_figures(sk, conn, state);
}

/* The current task closes, or shuts down; a late close names it. */
static __always_inline void note_closer(struct tcpt_abi_conn *conn, int closing)
{
	struct tcpt_abi_task by = {};

	current_task(&by);
	conn->closer = by;
	conn->closing = closing;
}

/*
 * No hook saw the close: all that is left to say is that the connection of the
 * task that shut it down, or opened it, is over. Of one that was never accepted
 * there is nothing to say: 0.
 */
static __always_inline int guess_closer(struct sock *sk, struct tcpt_abi_conn *conn)
{
	if (!conn->reported) {
		forget(sk);
		return 0;
	}
	if (!conn->closer.pid)
		conn->closer = conn->opener;
	conn->closing = 1;
	return 1;
}

static __always_inline void fill_close(struct tcpt_abi_close *close,
				       const struct tcpt_abi_conn *conn)
{
	fill(&close->event, conn, &conn->closer);
	close->opened = conn->opened;
	close->figures = conn->figures;
	close->opener_pid = conn->opener.pid;
	close->known = conn->known;
	close->reason = conn->reason;
}

/* The connection is over: closed by conn->closer, with the outcome that was noted. */
static __always_inline void conclude(struct sock *sk, struct tcpt_abi_conn *conn, __u8 flags)
{
	struct tcpt_abi_close *close;

	if (conn->reported == TCPT_ABI_HIDDEN || hides_type(TCPT_ABI_CLOSE)) {
		forget(sk);
		return;
	}
	close = reserve(sizeof(*close), TCPT_ABI_CLOSE, flags);
	if (!close) {
		if (!forget(sk))
			lost(flags);
		return;
	}
	fill_close(close, conn);
	if (forget(sk))
		discard(close);
	else
		submit(&close->event, sizeof(*close), flags);
}

/* The sock is another connection's by now. */
static __always_inline void closed_unseen(struct sock *sk, struct tcpt_abi_conn *conn)
{
	if (guess_closer(sk, conn))
		conclude(sk, conn, TCPT_ABI_LATE);
}

#endif
