// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What tasks do to sockets, by system calls. */
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>

#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

#define LOCAL_ADDRESS 0x0100007f
#define REMOTE_ADDRESS 0x0200007f

int sys_socket(int sock)
{
	wait_until(sock_is_free, sock);
	say("socket(): sock %d", sock);
	sock_erase(sock);
	world.sock[sock].sk.sk_socket = &world.sock[sock].socket;
	kernel_begins();
	truth_fd_begins(sock, 1);
	fd_install(sock);
	hook_fire(SITE_EXIT_SOCKET, STEP_OTHER, -1, sock, 0, 0);
	truth_fd_ends();
	kernel_ends();
	return sock;
}

void sys_bind(int sock, int port)
{
	struct model_sock *s = &world.sock[sock];

	s->is_bound = 1;
	s->sk.__sk_common.skc_num = port;
	s->sk.__sk_common.skc_rcv_saddr = LOCAL_ADDRESS;
	s->inet.inet_sport = bpf_ntohs(port);
}

int sys_getsockopt_error(int sock)
{
	struct model_sock *s = &world.sock[sock];
	int error;

	lock_sock(sock);
	point(); /* ICMP finds the socket locked */
	error = sock_error(sock);
	if (!error) {
		error = s->sk.sk_err_soft;
		s->sk.sk_err_soft = 0;
	}
	say("getsockopt(sock %d, SO_ERROR): %d", sock, error);
	release_sock(sock);
	return error;
}

/* ---- connect ---- */

/* inet_hash_connect() */
static int take_port(int sock, int flags)
{
	struct model_sock *s = &world.sock[sock];

	if (flags & CONNECT_NO_PORT)
		return -EADDRNOTAVAIL;
	if (!s->is_bound)
		s->sk.__sk_common.skc_num = 1000 + s->conn;
	s->inet.inet_sport = bpf_ntohs(s->sk.__sk_common.skc_num);
	return 0;
}

static void tcp_connect(int sock)
{
	say("tcp_connect(sock %d)", sock);
	hook_fire(SITE_CONNECT, STEP_ATTEMPT, sock, sock_address(sock), 0, 0);
	hook_fire_ops(STEP_ATTEMPT, sock, BPF_SOCK_OPS_TCP_CONNECT_CB);
	world.sock[sock].sk.sk_err = 0; /* tcp_connect_init(); sk_err_soft stays */
	truth_of(sock)->attempted = 1;
	point(); /* this host's own firewall answers while the socket is locked */
}

/* tcp_v4_connect(), tcp_v6_connect(): the addresses, SYN_SENT, the port, and the SYN. */
static int tcp_v4_connect(int sock, int dport, int flags)
{
	struct model_sock *s = &world.sock[sock];
	int err;

	truth_begin(sock, TCPT_ABI_CLIENT);
	sock_set_addresses(sock, LOCAL_ADDRESS, REMOTE_ADDRESS);
	s->sk.__sk_common.skc_dport = bpf_ntohs(dport);
	truth_ends(sock);
	tcp_set_state(sock, TCPT_SYN_SENT);
	err = take_port(sock, flags);
	truth_ends(sock);
	if (err) {
		truth_of(sock)->notes |= NOTE_NO_PORT;
		truth_of(sock)->attempted = 1;
		truth_failed(sock, -err);
		tcp_set_state(sock, TCPT_CLOSE);
		s->sk.__sk_common.skc_dport = 0;
		return err;
	}
	if (!(flags & CONNECT_DEFER))
		tcp_connect(sock);
	return 0;
}

static int is_connected_or_over(int sock)
{
	int state = state_of(sock);

	return state != TCPT_SYN_SENT && state != TCPT_SYN_RECV;
}

/* inet_wait_for_connect(), and what __inet_stream_connect() does with a failure. */
static int wait_for_connect(int sock)
{
	int error;

	release_sock(sock);
	wait_until(is_connected_or_over, sock);
	lock_sock(sock);
	if (state_of(sock) != TCPT_CLOSE)
		return 0;
	error = sock_error(sock);
	kernel_begins();
	tcp_disconnect(sock);
	kernel_ends();
	return -(error ? error : ECONNABORTED);
}

int sys_connect(int sock, int dport, int flags)
{
	int err;

	say("connect(sock %d, port %d)%s", sock, dport,
	    flags & CONNECT_NONBLOCK ? ", non-blocking" : "");
	if (!(flags & CONNECT_BY_SENDTO))
		hook_fire(SITE_ENTER_CONNECT, STEP_OTHER, sock, sock, 0, 0);
	lock_sock(sock);
	kernel_begins();
	hook_fire_cgroup(world.stage.addresses ? SITE_PRE_CONNECT6 : SITE_PRE_CONNECT4, STEP_OTHER,
			 sock, 0, 0);
	err = tcp_v4_connect(sock, dport, flags);
	kernel_ends();
	if (!err && flags & CONNECT_NONBLOCK)
		err = -EINPROGRESS;
	else if (!err && !(flags & CONNECT_DEFER))
		err = wait_for_connect(sock);
	release_sock(sock);
	if (!(flags & CONNECT_BY_SENDTO))
		hook_fire(SITE_EXIT_CONNECT, STEP_OTHER, sock, err, 0, 0);
	return err;
}

int sys_connect_wait(int sock)
{
	wait_until(is_connected_or_over, sock);
	return sys_getsockopt_error(sock);
}

void sys_send_first(int sock)
{
	lock_sock(sock);
	tcp_connect(sock);
	release_sock(sock);
}

void sys_disconnect(int sock)
{
	struct truth *truth = truth_of(sock);
	int state;

	say("connect(sock %d, AF_UNSPEC)", sock);
	hook_fire(SITE_ENTER_CONNECT, STEP_OTHER, sock, sock, 0, 0);
	lock_sock(sock);
	state = state_of(sock);
	if (truth && truth->opened && state != TCPT_CLOSE) {
		truth->notes |= NOTE_DISCONNECTED;
		if (world.sock[sock].sk.sk_shutdown == SHUTDOWN_MASK || world.sock[sock].sk.sk_err)
			truth->notes |= NOTE_SHUT_BOTH;
		truth_closed(sock);
		truth_in_close(sock, 1);
	}
	kernel_begins();
	tcp_disconnect(sock);
	kernel_ends();
	truth_in_close(sock, 0);
	release_sock(sock);
	hook_fire(SITE_EXIT_CONNECT, STEP_OTHER, sock, 0, 0, 0);
}

/* ---- accept ---- */

void sys_listen(int sock, int port)
{
	sys_bind(sock, port);
	inet_sk_state_store(sock, TCPT_LISTEN);
}

static int queued_child(int listener)
{
	for (int i = 0; i < SOCKS; i++)
		if (world.sock[i].is_queued && world.sock[i].parent == listener + 1)
			return i;
	return -1;
}

static int is_accept_over(int listener)
{
	return queued_child(listener) >= 0 || state_of(listener) != TCPT_LISTEN;
}

/* Returns -1 if nobody listens any more. */
static int inet_csk_accept(int listener)
{
	int child;

	do {
		wait_until(is_accept_over, listener);
		lock_sock(listener);
		child = queued_child(listener);
		if (child >= 0)
			world.sock[child].is_queued = 0;
		release_sock(listener);
	} while (child < 0 && state_of(listener) == TCPT_LISTEN);
	say("inet_csk_accept(sock %d): %s %d", listener, child < 0 ? "error" : "sock", child);
	return child;
}

/* sock_graft(), under sk_callback_lock, which keeps bottom halves off. */
static void sock_graft(int child)
{
	world.cpu[current_thread->cpu].bottom_halves_off++;
	world.sock[child].sk.sk_socket = &world.sock[child].socket;
	say("security_sock_graft(sock %d)", child);
	hook_fire(SITE_GRAFT, STEP_ACCEPT, child, sock_address(child), 0, 0);
	world.cpu[current_thread->cpu].bottom_halves_off--;
}

static void note_accept(int child)
{
	struct truth *truth = truth_of(child);

	truth->accepted = 1;
	truth->opener = truth->acceptor = (int)(task_now() - tasks) + 1;
	if (!truth->opened) {
		truth->notes |= NOTE_FAST_OPEN;
		truth_opened(child);
	}
}

static int first_subflow(int sock)
{
	int i = 0;

	while (i < SOCKS - 1 && world.sock[i].mptcp != sock + 1)
		i++;
	return i;
}

int sys_accept(int listener, int flags)
{
	int child = inet_csk_accept(listener);

	if (child < 0) {
		hook_fire(SITE_ACCEPT_RETURN, STEP_OTHER, -1, 0, 0, 0);
		hook_fire(SITE_EXIT_ACCEPT, STEP_OTHER, -1, -EINVAL, 0, 0);
		return child;
	}
	kernel_begins();
	note_accept(child);
	hook_fire(SITE_ACCEPT_RETURN, STEP_ACCEPT, child,
		  sock_address(flags & ACCEPT_MPTCP ? first_subflow(child) : child), 0, 0);
	lock_sock(child);
	if (state_of(child) == TCPT_CLOSE)
		truth_of(child)->notes |= NOTE_RESET_UNACCEPTED;
	sock_graft(child);
	if (flags & ACCEPT_MPTCP) /* mptcp_stream_accept() */
		world.sock[first_subflow(child)].sk.sk_socket = &world.sock[child].socket;
	release_sock(child);
	truth_fd_begins(child, 1);
	fd_install(child);
	if (flags & ACCEPT_FOREIGN)
		truth_of(child)->notes |= NOTE_FOREIGN_ACCEPT;
	else
		hook_fire(flags & ACCEPT_4 ? SITE_EXIT_ACCEPT4 : SITE_EXIT_ACCEPT, STEP_ACCEPT,
			  child, child, 0, 0);
	truth_fd_ends();
	kernel_ends();
	return child;
}

/* ---- shutdown ---- */

/* inet_shutdown() and tcp_shutdown() */
static void inet_shutdown(int sock, int how)
{
	struct model_sock *s = &world.sock[sock];
	struct truth *truth = truth_of(sock);
	int state;

	lock_sock(sock);
	state = state_of(sock);
	if (state == TCPT_SYN_SENT || (state == TCPT_LISTEN && how & 1)) {
		tcp_disconnect(sock);
	} else if (state != TCPT_CLOSE) {
		s->sk.sk_shutdown |= how;
		if (truth)
			truth->notes |= NOTE_HALF_CLOSED;
		if (truth && !truth->shutter && how & 2)
			truth->shutter = (int)(task_now() - tasks) + 1;
		if (how & 2 && (state == TCPT_ESTABLISHED || state == TCPT_CLOSE_WAIT))
			tcp_close_state(sock);
	}
	release_sock(sock);
}

void sys_shutdown_foreign(int sock, int how)
{
	say("shutdown(sock %d, %d) by io_uring", sock, how);
	inet_shutdown(sock, how);
}

void sys_shutdown(int sock, int how)
{
	say("shutdown(sock %d, %d)", sock, how);
	if (world.stage.hooks[0] < hooks_count() && mode_now->is_tracepoint)
		truth_of(sock)->notes |= NOTE_SHUT_AT_LOAD;
	hook_fire(SITE_ENTER_SHUTDOWN, STEP_OTHER, sock, sock, how, 0);
	kernel_begins();
	inet_shutdown(sock, how);
	kernel_ends();
	hook_fire(SITE_EXIT_SHUTDOWN, STEP_OTHER, sock, 0, 0, 0);
}
