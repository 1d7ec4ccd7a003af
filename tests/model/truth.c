// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "truth.h"

#include <errno.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>

#include "story.h"
#include "threads.h"

static int task_plus_1(void)
{
	return (int)(task_now() - tasks) + 1;
}

struct truth *truth_of(int sock)
{
	int conn = world.sock[sock].conn;

	return conn ? &world.truth[conn - 1] : NULL;
}

int truth_begin(int sock, int role)
{
	struct truth *truth;

	if (world.conns == CONNS) {
		fail("the model has no room for a connection");
		return 0;
	}
	if (truth_of(sock))
		truth_of(sock)->next = world.conns + 1;
	truth = &world.truth[world.conns++];
	world.sock[sock].conn = world.conns;
	truth->is_used = 1;
	truth->role = role;
	if (role == TCPT_ABI_CLIENT) {
		truth->began = 1;
		truth->opener = task_plus_1();
	}
	return world.conns;
}

void truth_fault(uint64_t sk, int fault)
{
	for (int i = 0; i < SOCKS; i++)
		if (sk == (uintptr_t)&world.sock[i] && world.sock[i].conn)
			world.truth[world.sock[i].conn - 1].faults |= fault;
	world.stage.faults |= fault;
}

void truth_seen(int conn, enum step step, int program)
{
	if (conn)
		world.truth[conn - 1].seen[step] |= 1 << program;
}

void truth_missed(int conn, enum step step, int program)
{
	if (conn)
		world.truth[conn - 1].missed[step] |= 1 << program;
	world.stage.misses = 1;
}

void truth_ends(int sock)
{
	struct model_sock *s = &world.sock[sock];
	struct tcpt_abi_tuple *tuple = &truth_of(sock)->tuple;

	tuple->family = 4;
	tuple->saddr[0] = s->sk.__sk_common.skc_rcv_saddr;
	tuple->daddr[0] = s->sk.__sk_common.skc_daddr;
	tuple->sport = s->sk.__sk_common.skc_num;
	tuple->dport = bpf_ntohs(s->sk.__sk_common.skc_dport);
	tuple->netns = s->sk.__sk_common.skc_net.net->ns.inum;
}

void truth_opened(int sock)
{
	struct truth *truth = truth_of(sock);

	truth->opened = 1;
	truth->opened_at = ++world.clock;
	truth->cookie = world.sock[sock].sk.__sk_common.skc_cookie.counter;
}

void truth_failed(int sock, int error)
{
	struct truth *truth = truth_of(sock);

	if (!truth || truth->opened || truth->failed)
		return;
	truth->failed = 1;
	truth->error = error == ECANCELED && truth->soft ? truth->soft : error;
}

void truth_failed_soft(int sock, int error)
{
	struct truth *truth = truth_of(sock);

	if (truth)
		truth->soft = error;
}

/* Who sends the first FIN. */
void truth_first_fin(int sock, int reason)
{
	struct truth *truth = truth_of(sock);

	if (truth && !truth->reason)
		truth->reason = truth->late_reason = reason;
}

/* What cuts it short. */
void truth_reset(int sock, int reason)
{
	struct truth *truth = truth_of(sock);

	if (!truth || truth->by_nobody)
		return;
	truth->late_reason = reason;
	if (!truth->is_settled)
		truth->reason = reason;
}

/* The current task closes the connection, once; a later close of the socket is none. */
void truth_closed(int sock)
{
	struct truth *truth = truth_of(sock);

	if (!truth || truth->closed || !truth->opened)
		return;
	truth->closed = 1;
	truth->closer = task_plus_1();
	truth->closed_at = ++world.clock;
}

/* The state changes now by the task that closes. What comes later is none of its connection's. */
void truth_in_close(int sock, int is_begin)
{
	struct truth *truth = truth_of(sock);

	if (!truth)
		return;
	truth->notes &= ~NOTE_IN_CLOSE;
	if (!is_begin)
		truth->is_settled = 1;
	else if (world.sock[sock].sk.__sk_common.skc_state == TCPT_CLOSE)
		truth->notes |= NOTE_WAS_OVER;
	else
		truth->notes |= NOTE_IN_CLOSE;
}
