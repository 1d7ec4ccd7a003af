// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * MPTCP sockets and their subflows. After Linux 6.8: net/mptcp/protocol.c and subflow.c.
 * Before that the state is stored without mptcp_set_state(). What another end sends on the
 * level of MPTCP is done by a kernel worker, whom the scenario has.
 */
#include <errno.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>

#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

#define LOCAL_ADDRESS 0x0100007f
#define REMOTE_ADDRESS 0x0200007f
#define JOINED_PORT 3000

/* model_sock.flags: what waits until the task lets go of the socket (mptcp_release_cb()) */
#define WAITS_CONNECTED 2
#define WAITS_ERROR 4

static int owner_of_subflow(int subflow)
{
	return world.sock[subflow].mptcp - 1;
}

/* tcp_set_state() of a subflow, whose steps are none of the connection's. */
static void subflow_set_state(int subflow, int state)
{
	struct model_sock *s = &world.sock[subflow];
	int old = state_of(subflow), owner = owner_of_subflow(subflow);

	say("tcp_set_state(subflow %d, %d), it is in %d", subflow, state, old);
	hook_fire(SITE_SET_STATE, STEP_OTHER, owner, sock_address(subflow), state, 0);
	if (state == TCPT_CLOSE)
		s->sk.__sk_common.skc_num = 0;
	hook_fire(SITE_STATE, STEP_OTHER, owner, sock_address(subflow), old, state);
	s->sk.__sk_common.skc_state = state;
}

static void make_subflow(int subflow, int owner, int port)
{
	struct model_sock *s = &world.sock[subflow];

	sock_erase(subflow);
	s->mptcp = owner + 1;
	s->sk.__sk_common.skc_num = port;
	s->inet.inet_sport = bpf_ntohs(port);
}

static void copy_inaddrs(int owner, int subflow)
{
	const struct model_sock *s = &world.sock[subflow];
	struct sock_common *to = &world.sock[owner].sk.__sk_common;

	to->skc_rcv_saddr = s->sk.__sk_common.skc_rcv_saddr;
	to->skc_daddr = s->sk.__sk_common.skc_daddr;
	to->skc_dport = s->sk.__sk_common.skc_dport;
	to->skc_num = s->sk.__sk_common.skc_num;
	world.sock[owner].inet.inet_sport = s->inet.inet_sport;
	truth_ends(owner);
}

/* ---- connect ---- */

static void connect_subflow(int subflow, int owner, int dport, enum step step)
{
	struct model_sock *s = &world.sock[subflow];

	sock_set_addresses(subflow, LOCAL_ADDRESS, REMOTE_ADDRESS);
	s->sk.__sk_common.skc_dport = bpf_ntohs(dport);
	subflow_set_state(subflow, TCPT_SYN_SENT);
	hook_fire(SITE_CONNECT, step, owner, sock_address(subflow), 0, 0);
	s->is_queued = 1; /* the SYN is out */
}

static int is_connected_or_over(int sock)
{
	return state_of(sock) != TCPT_SYN_SENT;
}

/* mptcp_connect(), and inet_wait_for_connect() after it. */
void mptcp_connect(int sock, int subflow, int dport)
{
	say("connect(MPTCP sock %d, port %d)", sock, dport);
	hook_fire(SITE_ENTER_CONNECT, STEP_OTHER, sock, sock, 0, 0);
	mptcp_lock(sock);
	kernel_begins();
	truth_begin(sock, TCPT_ABI_CLIENT);
	truth_of(sock)->notes |= NOTE_MPTCP;
	truth_ends(sock);
	mptcp_set_state(sock, TCPT_SYN_SENT);
	make_subflow(subflow, sock, 1000 + world.sock[sock].conn);
	world.sock[subflow].sk.sk_socket = &world.sock[sock].socket;
	connect_subflow(subflow, sock, dport, STEP_ATTEMPT);
	copy_inaddrs(sock, subflow);
	truth_of(sock)->attempted = 1;
	point();
	kernel_ends();
	mptcp_release(sock);
	wait_until(is_connected_or_over, sock);
	hook_fire(SITE_EXIT_CONNECT, STEP_OTHER, sock,
		  state_of(sock) == TCPT_CLOSE ? -ECONNREFUSED : 0, 0, 0);
}

static void subflow_connect(int subflow, int owner)
{
	struct model_sock *s = &world.sock[subflow];

	say("kernel_connect(subflow %d)", subflow);
	make_subflow(subflow, owner, JOINED_PORT);
	s->sk.sk_socket = &s->socket;
	connect_subflow(subflow, owner, JOINED_PORT, STEP_OTHER);
	point(); /* over loopback the answer comes now */
	s->sk.sk_socket = &world.sock[owner].socket;
	say("mptcp_sock_graft(subflow %d)", subflow);
}

/*
 * __mptcp_subflow_connect(), by mptcp_worker(), which has locked the connection: the subflow
 * has a socket of its own at first. There is none if the connection is about to end.
 */
void mptcp_join(int subflow, int owner)
{
	mptcp_lock(owner);
	if (state_of(owner) == TCPT_ESTABLISHED)
		subflow_connect(subflow, owner);
	world.sock[subflow].is_queued = 1;
	mptcp_release(owner);
}

/* ---- what arrives for a subflow ---- */

/* mptcp_finish_connect() */
static void set_connected(int sock)
{
	if (state_of(sock) != TCPT_SYN_SENT)
		return;
	truth_opened(sock);
	mptcp_set_state(sock, TCPT_ESTABLISHED);
	truth_of(sock)->opened_until = world.clock;
}

/* __mptcp_error_report(), of a connection that begins, or has no other subflow. */
static void report_error(int sock)
{
	struct truth *truth = truth_of(sock);
	int error = world.sock[sock].backlog[0];

	if (state_of(sock) == TCPT_CLOSE || world.sock[sock].is_dead)
		return;
	truth_failed(sock, error);
	truth_reset(sock, TCPT_ABI_RESET);
	if (truth->opened && !truth->closed)
		truth->by_nobody = 1;
	mptcp_set_state(sock, TCPT_CLOSE);
	world.sock[sock].sk.sk_err = error;
}

/* Under mptcp_data_lock(). */
static void hand_over(int sock, int what)
{
	struct model_sock *s = &world.sock[sock];

	spin_lock(sock);
	if (s->owner)
		s->flags |= what;
	else if (what == WAITS_CONNECTED)
		set_connected(sock);
	else
		report_error(sock);
	spin_unlock(sock);
}

void mptcp_lock(int sock)
{
	lock_sock(sock);
}

void mptcp_release(int sock)
{
	struct model_sock *s = &world.sock[sock];

	if (s->flags & WAITS_CONNECTED)
		set_connected(sock);
	if (s->flags & WAITS_ERROR)
		report_error(sock);
	s->flags = 0;
	release_sock(sock);
}

/* __mptcp_subflow_error_report(): the refusal of a further subflow is none of the connection. */
static void reset_subflow(int subflow)
{
	int owner = owner_of_subflow(subflow), was_sent = state_of(subflow) == TCPT_SYN_SENT;
	struct model_sock *s = &world.sock[subflow];

	s->sk.sk_err = was_sent ? ECONNREFUSED : ECONNRESET;
	subflow_set_state(subflow, TCPT_CLOSE);
	world.sock[owner].backlog[0] = s->sk.sk_err;
	s->sk.sk_err = 0; /* sock_error() */
	if (!was_sent || state_of(owner) == TCPT_SYN_SENT)
		hand_over(owner, WAITS_ERROR);
}

static int syn_of_subflow_is_out(int subflow)
{
	return world.sock[subflow].is_queued;
}

void mptcp_arrives(int subflow, enum packet packet)
{
	wait_until(syn_of_subflow_is_out, subflow);
	interrupt_begins();
	world.clock++;
	spin_lock(subflow);
	if (world.sock[subflow].sk.sk_socket == &world.sock[subflow].socket)
		world.stage.is_join_early = 1;
	if (!world.sock[subflow].is_live) {
		say("(nothing is left of subflow %d)", subflow);
	} else if (packet == PACKET_RST && state_of(subflow) != TCPT_CLOSE) {
		reset_subflow(subflow);
	} else if (packet == PACKET_SYNACK && state_of(subflow) == TCPT_SYN_SENT) {
		subflow_set_state(subflow, TCPT_ESTABLISHED);
		hand_over(owner_of_subflow(subflow), WAITS_CONNECTED);
	}
	spin_unlock(subflow);
	interrupt_ends();
}

/* mptcp_sk_clone_init(), then the child: the MPTCP sock gets its ends after its state. */
void mptcp_handshake_completes(int listener, int sock, int subflow, int port)
{
	struct model_sock *m = &world.sock[sock];

	interrupt_begins();
	say("ACK arrives for sock %d: the child is MPTCP sock %d, with subflow %d", listener, sock,
	    subflow);
	make_subflow(subflow, sock, world.sock[listener].sk.__sk_common.skc_num);
	sock_set_addresses(subflow, LOCAL_ADDRESS, 0x0300007f);
	world.sock[subflow].sk.__sk_common.skc_dport = bpf_ntohs(port);
	world.sock[subflow].sk.__sk_common.skc_state = TCPT_SYN_RECV;
	sock_erase(sock);
	m->sk.sk_protocol = IPPROTO_MPTCP;
	m->sk.__sk_common.skc_state = TCPT_LISTEN;
	m->sk.__sk_common.skc_num = world.sock[listener].sk.__sk_common.skc_num;
	m->sk.__sk_common.skc_rcv_saddr = LOCAL_ADDRESS;
	m->parent = listener + 1;
	truth_begin(sock, TCPT_ABI_SERVER);
	truth_of(sock)->notes |= NOTE_MPTCP;
	truth_opened(sock);
	mptcp_set_state(sock, TCPT_ESTABLISHED);
	truth_of(sock)->opened_until = world.clock;
	copy_inaddrs(sock, subflow);
	subflow_set_state(subflow, TCPT_ESTABLISHED);
	m->is_queued = 1;
	interrupt_ends();
}

/* ---- the end ---- */

/* mptcp_close_state() */
static int next_state(int state)
{
	return state == TCPT_ESTABLISHED ? TCPT_FIN_WAIT1 :
	       state == TCPT_CLOSE_WAIT	 ? TCPT_LAST_ACK :
	       state == TCPT_SYN_SENT	 ? TCPT_CLOSE :
					   state;
}

static void destroy_subflow(int subflow)
{
	spin_lock(subflow);
	if (state_of(subflow) != TCPT_CLOSE)
		subflow_set_state(subflow, TCPT_CLOSE);
	hook_fire(SITE_DESTROY, STEP_OTHER, owner_of_subflow(subflow), sock_address(subflow), 0, 0);
	world.sock[subflow].is_live = 0;
	spin_unlock(subflow);
}

/* __mptcp_destroy_sock() has no tracepoint for the sock itself. */
static void destroy(int sock)
{
	hook_fire(SITE_MPTCP_DESTROY, STEP_DESTROY, sock, sock_address(sock), 0, 0);
	for (int i = 0; i < SOCKS; i++)
		if (world.sock[i].is_live && world.sock[i].mptcp == sock + 1)
			destroy_subflow(i);
	say("MPTCP sock %d is freed", sock);
	world.sock[sock].is_live = 0;
}

static void orphan(int sock)
{
	for (int i = 0; i < SOCKS; i++)
		if (world.sock[i].is_live && world.sock[i].mptcp == sock + 1)
			world.sock[i].sk.sk_socket = NULL;
	world.sock[sock].sk.sk_socket = NULL;
	world.sock[sock].is_dead = 1;
}

void mptcp_close(int sock)
{
	say("mptcp_close(sock %d)", sock);
	kernel_begins();
	tcp_note_close(sock);
	hook_fire(SITE_MPTCP_CLOSE, STEP_CLOSING, sock, sock_address(sock), 0, 0);
	mptcp_lock(sock);
	tcp_note_close(sock);
	truth_in_close(sock, 1);
	world.sock[sock].sk.sk_shutdown = SHUTDOWN_MASK;
	if (state_of(sock) == TCPT_ESTABLISHED)
		truth_first_fin(sock, TCPT_ABI_LOCAL);
	if (state_of(sock) == TCPT_SYN_SENT)
		truth_failed(sock, ECANCELED);
	if (next_state(state_of(sock)) != state_of(sock))
		truth_of(sock)->notes |= NOTE_CLOSED_BY_FIN;
	mptcp_set_state(sock, next_state(state_of(sock)));
	truth_in_close(sock, 0);
	orphan(sock);
	if (state_of(sock) == TCPT_CLOSE)
		destroy(sock);
	mptcp_release(sock);
	kernel_ends();
}

static int is_over_for_task(int sock)
{
	return world.sock[sock].is_dead || !world.sock[sock].is_live;
}

/* mptcp_worker(): the peer acknowledges the end, and has sent or sends its own. */
void mptcp_work_ends(int sock)
{
	wait_until(is_over_for_task, sock);
	if (!world.sock[sock].is_live)
		return;
	mptcp_lock(sock);
	if (state_of(sock) == TCPT_FIN_WAIT1)
		mptcp_set_state(sock, TCPT_FIN_WAIT2);
	if (state_of(sock) != TCPT_CLOSE)
		mptcp_set_state(sock, TCPT_CLOSE);
	destroy(sock);
	mptcp_release(sock);
}

/* mptcp_check_data_fin() */
void mptcp_work_peer_ends(int sock)
{
	mptcp_lock(sock);
	if (state_of(sock) == TCPT_ESTABLISHED) {
		truth_first_fin(sock, TCPT_ABI_PEER);
		world.sock[sock].sk.sk_shutdown |= 1;
		mptcp_set_state(sock, TCPT_CLOSE_WAIT);
	}
	mptcp_release(sock);
}
