// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The life of a sock: its locks, its state, its end. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf_endian.h>

#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

static struct net net = { { 4026531840U } };

int state_of(int sock)
{
	return world.sock[sock].sk.__sk_common.skc_state;
}

int sock_in_state(int sock_and_state)
{
	return world.sock[sock_and_state >> 8].is_live &&
	       state_of(sock_and_state >> 8) == (sock_and_state & 0xff);
}

int sock_is_free(int sock)
{
	const struct model_sock *s = &world.sock[sock];

	return !s->is_live && !s->owner && !s->spin;
}

int syn_is_sent(int conn)
{
	return conn < world.conns && world.truth[conn].attempted;
}

/*
 * A new sock at an address that may have had another: slabs of socks keep what was
 * there (SLAB_TYPESAFE_BY_RCU), sk_alloc() clears it.
 */
void sock_erase(int sock)
{
	struct model_sock *s = &world.sock[sock];
	uint8_t last = s->last;

	memset(s, 0, sizeof(*s));
	s->last = last;
	s->is_live = 1;
	s->sk.sk_protocol = IPPROTO_TCP;
	s->sk.__sk_common.skc_state = TCPT_CLOSE;
	s->sk.__sk_common.skc_family = world.stage.addresses ? AF_INET6 : AF_INET;
	s->sk.__sk_common.skc_net.net = &net;
	s->socket.sk = &s->sk;
	s->socket.file = &s->file;
	s->file.private_data = &s->socket;
}

static void set_word(struct in6_addr *address, uint32_t word)
{
	struct in6_addr own = { { bpf_htonl(0xfd000000), 0, 0, word } };
	struct in6_addr mapped = { { 0, 0, bpf_htonl(0xffff), word } };

	*address = world.stage.addresses == ADDRESSES_IPV6 ? own : mapped;
}

/* A sock of IPv6 alone has nothing in the members of IPv4 (sk_daddr_set()). */
void sock_set_addresses(int sock, uint32_t local, uint32_t remote)
{
	struct sock_common *common = &world.sock[sock].sk.__sk_common;

	if (world.stage.addresses != ADDRESSES_IPV6) {
		common->skc_rcv_saddr = local;
		common->skc_daddr = remote;
	}
	if (world.stage.addresses) {
		set_word(&common->skc_v6_rcv_saddr, local);
		set_word(&common->skc_v6_daddr, remote);
	}
}

/* ---- locks ---- */

static int is_unlocked(int sock)
{
	return !world.sock[sock].owner && !world.sock[sock].spin;
}

static int is_unspun(int sock)
{
	return !world.sock[sock].spin;
}

void lock_sock(int sock)
{
	wait_until(is_unlocked, sock);
	point();
	wait_until(is_unlocked, sock);
	world.sock[sock].owner = world.current + 1;
}

/* What came meanwhile is dealt with by the task that had the lock. */
static void release_backlog(int sock)
{
	struct model_sock *s = &world.sock[sock];

	while (s->backlog_count) {
		enum packet packet = s->backlog[0];

		memmove(s->backlog, s->backlog + 1, --s->backlog_count);
		tcp_rcv(sock, packet);
	}
}

void release_sock(int sock)
{
	release_backlog(sock);
	world.sock[sock].owner = 0;
	point();
}

/* bh_lock_sock; an owner's backlog goes with it in tcp_close(). */
void spin_lock(int sock)
{
	world.cpu[current_thread->cpu].bottom_halves_off++;
	wait_until(is_unspun, sock);
	world.sock[sock].spin = world.current + 1;
	if (world.sock[sock].owner == world.current + 1)
		release_backlog(sock);
}

void spin_unlock(int sock)
{
	world.sock[sock].spin = 0;
	world.cpu[current_thread->cpu].bottom_halves_off--;
}

/* ---- state ---- */

static enum step step_of(int sock, int state)
{
	const struct truth *truth = truth_of(sock);
	int old = state_of(sock);

	if (truth && truth->notes & NOTE_IN_CLOSE && truth->opened)
		return STEP_CHANGE;
	if (state == TCPT_SYN_SENT)
		return STEP_BEGIN;
	if (state == TCPT_ESTABLISHED)
		return STEP_OPEN;
	if (state == TCPT_CLOSE)
		return STEP_END;
	if (old == state || state == TCPT_FIN_WAIT1 || state == TCPT_LAST_ACK)
		return STEP_FIN;
	return STEP_OTHER;
}

static const char *state_name(int state)
{
	static const char *const names[] = { "-",	   "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
					     "FIN_WAIT1",  "FIN_WAIT2",	  "TIME_WAIT", "CLOSE",
					     "CLOSE_WAIT", "LAST_ACK",	  "LISTEN",    "CLOSING" };

	return names[state];
}

/* include/net/inet_sock.h: traced, then stored. */
void inet_sk_state_store(int sock, int state)
{
	struct model_sock *s = &world.sock[sock];
	int old = state_of(sock);

	hook_fire(SITE_STATE, step_of(sock, state), sock, sock_address(sock), old, state);
	s->sk.__sk_common.skc_state = state;
}

/* On the way to CLOSE the port is given back, unless it was bound (inet_put_port). */
void tcp_set_state(int sock, int state)
{
	struct model_sock *s = &world.sock[sock];
	int old = state_of(sock);

	say("tcp_set_state(sock %d, %s), it is in %s", sock, state_name(state), state_name(old));
	hook_fire(SITE_SET_STATE, step_of(sock, state), sock, sock_address(sock), state, 0);
	if (s->ops_flags & BPF_SOCK_OPS_STATE_CB_FLAG)
		hook_fire_cgroup(SITE_OPS, step_of(sock, state), sock, BPF_SOCK_OPS_STATE_CB,
				 (uint64_t)old << 8 | (uint8_t)state);
	if (state == TCPT_CLOSE && !s->is_bound)
		s->sk.__sk_common.skc_num = 0;
	inet_sk_state_store(sock, state);
}

/* The compiler puts it in line where mptcp_connect() begins and where the sock is closed. */
void mptcp_set_state(int sock, int state)
{
	say("mptcp_set_state(sock %d, %s), it is in %s", sock, state_name(state),
	    state_name(state_of(sock)));
	if (state != TCPT_SYN_SENT && state != TCPT_CLOSE)
		hook_fire(SITE_MPTCP_SET_STATE, step_of(sock, state), sock, sock_address(sock),
			  state, 0);
	inet_sk_state_store(sock, state);
}

/* The next state when a task sends its FIN; whether it sends one now. */
int tcp_close_state(int sock)
{
	int old = state_of(sock), next = old, sends = 0;

	switch (old) {
	case TCPT_ESTABLISHED:
	case TCPT_SYN_RECV:
		next = TCPT_FIN_WAIT1;
		sends = 1;
		break;
	case TCPT_CLOSE_WAIT:
		next = TCPT_LAST_ACK;
		sends = 1;
		break;
	case TCPT_SYN_SENT:
		next = TCPT_CLOSE;
		break;
	default:
		break;
	}
	if (sends)
		truth_first_fin(sock, TCPT_ABI_LOCAL);
	if (sends && truth_of(sock)->notes & NOTE_IN_CLOSE)
		truth_of(sock)->notes |= NOTE_CLOSED_BY_FIN;
	if (old == TCPT_SYN_SENT)
		truth_failed(sock, ECANCELED);
	tcp_set_state(sock, next);
	return sends;
}

/* ---- the end ---- */

/* tcp_v4_destroy_sock() traces first. Whoever deletes the last reference frees the memory. */
void inet_csk_destroy_sock(int sock)
{
	say("tcp_destroy_sock(sock %d)", sock);
	hook_fire(SITE_DESTROY, STEP_DESTROY, sock, sock_address(sock), 0, 0);
	world.sock[sock].is_live = 0;
}

void tcp_done(int sock)
{
	struct model_sock *s = &world.sock[sock];
	struct truth *truth = truth_of(sock);

	if (truth && truth->opened && !truth->closed)
		truth->by_nobody = 1;
	tcp_set_state(sock, TCPT_CLOSE);
	s->sk.sk_shutdown = SHUTDOWN_MASK;
	if (s->is_dead)
		inet_csk_destroy_sock(sock);
}

static int needs_reset(int state)
{
	return state == TCPT_ESTABLISHED || state == TCPT_CLOSE_WAIT || state == TCPT_FIN_WAIT1 ||
	       state == TCPT_FIN_WAIT2 || state == TCPT_SYN_RECV;
}

void tcp_disconnect(int sock)
{
	struct model_sock *s = &world.sock[sock];
	int old = state_of(sock);

	if (old == TCPT_SYN_SENT)
		truth_failed(sock, ECANCELED);
	else if (old != TCPT_CLOSE)
		truth_reset(sock, TCPT_ABI_RESET);
	if (old != TCPT_CLOSE)
		tcp_set_state(sock, TCPT_CLOSE);
	if (old == TCPT_LISTEN)
		inet_csk_listen_stop(sock);
	else if (needs_reset(old) || old == TCPT_SYN_SENT)
		s->sk.sk_err = ECONNRESET;
	s->sk.__sk_common.skc_dport = 0;
	if (!s->is_bound) {
		s->sk.__sk_common.skc_rcv_saddr = 0;
		memset(&s->sk.__sk_common.skc_v6_rcv_saddr, 0, sizeof(struct in6_addr));
	}
	s->sk.sk_shutdown = 0;
	memset(&s->tcp, 0, sizeof(s->tcp));
}

/* Who asks takes it out; a soft one if there is no other (sock_error(), SO_ERROR). */
int sock_error(int sock)
{
	int error = world.sock[sock].sk.sk_err;

	world.sock[sock].sk.sk_err = 0;
	return error;
}
