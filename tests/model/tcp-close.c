// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How tasks end connections: tcp_close(), and tcp_abort() for another one. */
#include <errno.h>
#include <stddef.h>

#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

/* What tcp_close() does under the socket's lock, before it lets go of the socket. */
static void close_locked(int sock, int flags)
{
	struct model_sock *s = &world.sock[sock];
	int state = state_of(sock);

	s->sk.sk_shutdown = SHUTDOWN_MASK;
	if (state == TCPT_LISTEN) {
		tcp_set_state(sock, TCPT_CLOSE);
		inet_csk_listen_stop(sock);
	} else if (state == TCPT_CLOSE) {
		return;
	} else if (s->unread) {
		truth_reset(sock, TCPT_ABI_RESET);
		tcp_set_state(sock, TCPT_CLOSE);
	} else if (flags & CLOSE_LINGER_0) {
		tcp_disconnect(sock);
	} else {
		tcp_close_state(sock);
	}
}

/* adjudge_to_death: nobody holds it any more, and what has come meanwhile finds it so. */
static void adjudge_to_death(int sock)
{
	struct model_sock *s = &world.sock[sock];
	int state = state_of(sock);

	s->is_dead = 1;
	s->sk.sk_socket = NULL;
	spin_lock(sock);
	if (state == TCPT_CLOSE || state_of(sock) != TCPT_CLOSE) {
		if (state_of(sock) == TCPT_FIN_WAIT2)
			tcp_done(sock); /* tcp_time_wait() */
		else if (state_of(sock) == TCPT_CLOSE)
			inet_csk_destroy_sock(sock);
	}
	spin_unlock(sock);
}

void tcp_note_close(int sock)
{
	struct truth *truth = truth_of(sock);

	if (truth &&
	    (!truth->opened || state_of(sock) == TCPT_SYN_SENT || state_of(sock) == TCPT_SYN_RECV))
		truth->notes |= NOTE_GAVE_UP;
	if (truth && state_of(sock) != TCPT_CLOSE)
		truth->notes ^= NOTE_OVER_AT_CLOSE; /* unless it is by the second time */
	if (truth)
		truth->notes ^= NOTE_CLOSING;
	truth_closed(sock);
}

void sys_close(int sock, int flags)
{
	say("tcp_close(sock %d)%s%s", sock, flags & CLOSE_LINGER_0 ? ", SO_LINGER 0" : "",
	    world.sock[sock].unread ? ", data unread" : "");
	kernel_begins();
	tcp_note_close(sock);
	hook_fire_cgroup(SITE_RELEASE, STEP_CLOSING, sock, 0, 0);
	hook_fire(SITE_CLOSE, STEP_CLOSING, sock, sock_address(sock), 0, 0);
	lock_sock(sock);
	tcp_note_close(sock);
	truth_in_close(sock, 1);
	close_locked(sock, flags);
	truth_in_close(sock, 0);
	adjudge_to_death(sock);
	release_sock(sock);
	kernel_ends();
}

/* tcp_abort(): an orphan is left alone. */
void sys_kill(int sock)
{
	struct model_sock *s = &world.sock[sock];

	say("ss -K: tcp_abort(sock %d)", sock);
	lock_sock(sock);
	if (!s->is_live || s->is_dead || state_of(sock) == TCPT_CLOSE) {
		release_sock(sock);
		return;
	}
	if (state_of(sock) == TCPT_LISTEN) {
		tcp_set_state(sock, TCPT_CLOSE);
		inet_csk_listen_stop(sock);
	}
	spin_lock(sock);
	s->sk.sk_err = ECONNABORTED;
	truth_failed(sock, ECONNABORTED);
	truth_reset(sock, TCPT_ABI_RESET);
	tcp_done(sock);
	spin_unlock(sock);
	release_sock(sock);
}
