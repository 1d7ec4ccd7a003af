// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What arrives from the network, and timers: in interrupts. */
#include <errno.h>
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>

#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

static const char *const packet_names[] = {
	[PACKET_SYNACK] = "SYN+ACK arrives for",
	[PACKET_SYN] = "SYN arrives for",
	[PACKET_RST] = "RST arrives for",
	[PACKET_FIN] = "FIN arrives for",
	[PACKET_ACK] = "ACK arrives for",
	[PACKET_DATA] = "data arrives for",
	[PACKET_TIMEOUT] = "the retransmit timer gives up",
	[PACKET_ORPHAN_TIMER] = "the FIN_WAIT2 timer ends",
	[PACKET_ICMP] = "ICMP arrives for",
};

/* ---- beginnings ---- */

/*
 * The SYN counts as a byte that was acknowledged, of the end that connected. tcp_init_transfer()
 * comes after the change of state in tcp_finish_connect(), and before it in
 * tcp_rcv_state_process().
 */
static void establish(int sock)
{
	struct model_sock *s = &world.sock[sock];
	int is_active;

	if (truth_of(sock)->role == TCPT_ABI_CLIENT)
		s->tcp.bytes_acked++;
	if (!truth_of(sock)->opened)
		truth_opened(sock);
	s->tcp.srtt_us = (100 + s->conn) << 3;
	s->tcp.total_retrans = s->conn;
	truth_of(sock)->srtt = 100 + s->conn;
	truth_of(sock)->retransmits = s->conn;
	if (state_of(sock) == TCPT_SYN_RECV && !(truth_of(sock)->notes & NOTE_FAST_OPEN_CHILD))
		hook_fire_ops(STEP_OPEN, sock, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB);
	is_active = state_of(sock) == TCPT_SYN_SENT;
	tcp_set_state(sock, TCPT_ESTABLISHED);
	if (is_active)
		hook_fire_ops(STEP_OPEN, sock, BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB);
	truth_of(sock)->opened_until = world.clock;
}

/* tcp_reset() */
static void reset(int sock)
{
	struct model_sock *s = &world.sock[sock];
	int state = state_of(sock);

	if (state == TCPT_CLOSE)
		return;
	s->sk.sk_err = state == TCPT_SYN_SENT	? ECONNREFUSED :
		       state == TCPT_CLOSE_WAIT ? EPIPE :
						  ECONNRESET;
	truth_failed(sock, s->sk.sk_err);
	truth_reset(sock, TCPT_ABI_RESET);
	tcp_done(sock);
}

/* ---- ends ---- */

static void note_fin_at_close(int sock)
{
	if (truth_of(sock)->notes & NOTE_CLOSING)
		truth_of(sock)->notes |= NOTE_FIN_AT_CLOSE;
}

/* tcp_fin(): the FIN counts as a byte that was received. */
static void receive_fin(int sock)
{
	struct model_sock *s = &world.sock[sock];

	s->tcp.bytes_received++;
	truth_first_fin(sock, TCPT_ABI_PEER);
	s->sk.sk_shutdown |= 1;
	switch (state_of(sock)) {
	case TCPT_ESTABLISHED:
		tcp_set_state(sock, TCPT_CLOSE_WAIT);
		break;
	case TCPT_FIN_WAIT1:
		tcp_set_state(sock, TCPT_CLOSING);
		break;
	case TCPT_FIN_WAIT2:
		note_fin_at_close(sock);
		tcp_done(sock); /* tcp_time_wait() */
		note_fin_at_close(sock);
		break;
	default:
		break;
	}
}

/* tcp_rcv_state_process(): all that was sent is acknowledged. */
static void receive_ack(int sock)
{
	struct model_sock *s = &world.sock[sock];

	switch (state_of(sock)) {
	case TCPT_SYN_RECV:
		establish(sock);
		break;
	case TCPT_FIN_WAIT1:
		s->tcp.bytes_acked++;
		tcp_set_state(sock, TCPT_FIN_WAIT2);
		s->sk.sk_shutdown |= 2;
		if (s->is_dead)
			tcp_done(sock); /* tcp_time_wait(), the way in which it waits for the FIN */
		break;
	case TCPT_CLOSING:
	case TCPT_LAST_ACK:
		s->tcp.bytes_acked++;
		tcp_done(sock);
		break;
	default:
		break;
	}
}

/* tcp_write_err() */
static void give_up(int sock)
{
	struct model_sock *s = &world.sock[sock];

	if (state_of(sock) == TCPT_CLOSE)
		return;
	s->sk.sk_err = s->sk.sk_err_soft ? s->sk.sk_err_soft : ETIMEDOUT;
	truth_failed(sock, s->sk.sk_err);
	truth_reset(sock, TCPT_ABI_TIMEOUT);
	tcp_done(sock);
}

static void receive_data(int sock)
{
	struct model_sock *s = &world.sock[sock];

	if (state_of(sock) != TCPT_ESTABLISHED)
		return;
	s->tcp.bytes_received += 100;
	s->tcp.bytes_acked += 10;
	truth_of(sock)->received += 100;
	truth_of(sock)->sent += 10;
	s->unread = s->flags & 1;
}

static void receive_in_syn_sent(int sock, enum packet packet)
{
	if (packet == PACKET_SYNACK)
		establish(sock);
	else if (packet == PACKET_SYN) {
		truth_of(sock)->notes |= NOTE_CROSSED;
		tcp_set_state(sock, TCPT_SYN_RECV);
	}
}

void tcp_rcv(int sock, enum packet packet)
{
	say("%s sock %d", packet_names[packet], sock);
	if (state_of(sock) == TCPT_CLOSE)
		return;
	if (packet == PACKET_RST)
		reset(sock);
	else if (packet == PACKET_TIMEOUT || packet == PACKET_ORPHAN_TIMER)
		give_up(sock);
	else if (state_of(sock) == TCPT_SYN_SENT)
		receive_in_syn_sent(sock, packet);
	else if (packet == PACKET_FIN)
		receive_fin(sock);
	else if (packet == PACKET_DATA)
		receive_data(sock);
	else
		receive_ack(sock);
}

/* ---- ICMP ---- */

/* tcp_v4_err(): ip_icmp_error() is called in SYN_SENT since 5.8. A task's lock puts nothing off. */
static void receive_icmp(int sock)
{
	struct model_sock *s = &world.sock[sock];

	if (state_of(sock) != TCPT_SYN_SENT && state_of(sock) != TCPT_SYN_RECV)
		return;
	say("%s sock %d: ip_icmp_error()", packet_names[PACKET_ICMP], sock);
	hook_fire(s->sk.__sk_common.skc_family == AF_INET ? SITE_ICMP : SITE_ICMP6, STEP_ICMP, sock,
		  sock_address(sock), 0, EHOSTUNREACH);
	truth_failed_soft(sock, EHOSTUNREACH);
	if (s->owner) {
		if (truth_of(sock)->attempted)
			truth_of(sock)->notes |= NOTE_SOFT_LATER;
		s->sk.sk_err_soft = EHOSTUNREACH;
		return;
	}
	s->sk.sk_err = EHOSTUNREACH;
	truth_failed(sock, EHOSTUNREACH);
	tcp_done(sock);
}

/* ---- interrupts ---- */

/* tcp_v4_rcv() */
static void arrives_for(int sock, enum packet packet, int conn)
{
	struct model_sock *s = &world.sock[sock];

	interrupt_begins();
	world.clock++;
	spin_lock(sock);
	if (!s->is_live || s->conn != conn)
		say("(nothing is left of sock %d)", sock);
	else if (packet == PACKET_ICMP)
		receive_icmp(sock);
	else if (!s->owner)
		tcp_rcv(sock, packet);
	else if (s->backlog_count < BACKLOG)
		s->backlog[s->backlog_count++] = packet;
	spin_unlock(sock);
	interrupt_ends();
}

/* sock << 8 | its connection */
static int conn_is_let_go(int sock_and_conn)
{
	const struct model_sock *s = &world.sock[sock_and_conn >> 8];

	return !s->is_live || s->is_dead || s->conn != (sock_and_conn & 0xff);
}

void all_ends(int sock, int conn)
{
	static const enum packet packets[] = { PACKET_ACK, PACKET_FIN, PACKET_TIMEOUT };

	wait_until(conn_is_let_go, sock << 8 | conn);
	for (unsigned int i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		if (world.sock[sock].is_live && world.sock[sock].conn == conn)
			arrives_for(sock, packets[i], conn);
}

void arrives(int sock, enum packet packet)
{
	arrives_for(sock, packet, world.sock[sock].conn);
}

/* inet_csk_clone_lock(): the child is locked until tcp_child_process() is done with it. */
static void clone_lock(int listener, int child, int port)
{
	struct model_sock *s = &world.sock[child];

	sock_erase(child);
	spin_lock(child);
	s->parent = listener + 1;
	s->sk.__sk_common.skc_state = TCPT_LISTEN;
	inet_sk_state_store(child, TCPT_SYN_RECV);
	s->sk.__sk_common.skc_num = world.sock[listener].sk.__sk_common.skc_num;
	sock_set_addresses(child, world.sock[listener].sk.__sk_common.skc_rcv_saddr, 0x0300007f);
	s->sk.__sk_common.skc_dport = bpf_ntohs(port);
	s->inet.inet_sport = bpf_ntohs(s->sk.__sk_common.skc_num);
	truth_begin(child, TCPT_ABI_SERVER);
	truth_ends(child);
}

/* ---- listeners ---- */

/* inet_child_forget() and what follows it */
static void forget_child(int child)
{
	world.sock[child].is_queued = 0;
	tcp_disconnect(child);
	world.sock[child].is_dead = 1;
	truth_of(child)->by_nobody = 1;
	inet_csk_destroy_sock(child);
}

void inet_csk_listen_stop(int listener)
{
	for (int i = 0; i < SOCKS; i++)
		if (world.sock[i].is_queued && world.sock[i].parent == listener + 1) {
			spin_lock(i);
			forget_child(i);
			spin_unlock(i);
		}
}

/* inet_csk_reqsk_queue_add(): 0 if nobody listens any more. */
static int add_to_queue(int listener, int child)
{
	if (world.sock[listener].is_live && state_of(listener) == TCPT_LISTEN) {
		world.sock[child].is_queued = 1;
		return 1;
	}
	forget_child(child);
	return 0;
}

/* tcp_check_req(): it can be taken from the queue before it is established. */
void handshake_completes(int listener, int child, int port)
{
	wait_until(sock_is_free, child);
	interrupt_begins();
	if (state_of(listener) == TCPT_LISTEN) {
		say("ACK arrives for sock %d: the child is sock %d", listener, child);
		clone_lock(listener, child, port);
		if (add_to_queue(listener, child))
			establish(child);
		spin_unlock(child);
	}
	interrupt_ends();
}

/* tcp_fastopen_create_child() */
void fast_open_arrives(int listener, int child, int port)
{
	wait_until(sock_is_free, child);
	interrupt_begins();
	if (state_of(listener) == TCPT_LISTEN) {
		say("SYN with data arrives for sock %d: the child is sock %d", listener, child);
		clone_lock(listener, child, port);
		truth_of(child)->notes |= NOTE_FAST_OPEN_CHILD;
		hook_fire_ops(STEP_OPEN, child, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB);
		add_to_queue(listener, child);
		spin_unlock(child);
	}
	interrupt_ends();
}
