// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "truth.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "maps.h"
#include "modes.h"
#include "story.h"
#include "threads.h"
#include "tool.h"

static int task_plus_1(void)
{
	return current_thread->is_worker ? 0 : (int)(task_now() - tasks) + 1;
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
	if (world.sock[sock].last)
		world.truth[world.sock[sock].last - 1].heir = world.conns + 1;
	truth = &world.truth[world.conns++];
	world.sock[sock].conn = world.sock[sock].last = world.conns;
	truth->is_used = 1;
	truth->role = role;
	truth->cookie = world.sock[sock].sk.__sk_common.skc_cookie.counter;
	if (role == TCPT_ABI_CLIENT) {
		truth->began = 1;
		truth->opener = task_plus_1();
	}
	return world.conns;
}

static int conn_of(uint64_t sk, const struct tcpt_abi_tuple *tuple)
{
	for (int i = 0; tuple && i < world.conns; i++)
		if (world.truth[i].tuple.sport == tuple->sport &&
		    world.truth[i].tuple.dport == tuple->dport)
			return i + 1;
	for (int i = 0; i < SOCKS; i++)
		if (sk == (uintptr_t)&world.sock[i] ||
		    sk == (uint64_t)world.sock[i].sk.__sk_common.skc_cookie.counter)
			return world.sock[i].conn;
	return 0;
}

void truth_fault(uint64_t sk, const struct tcpt_abi_tuple *tuple, int fault)
{
	int conn = conn_of(sk, tuple);

	if (conn)
		world.truth[conn - 1].faults |= fault;
	world.stage.faults |= fault;
}

void truth_note(uint64_t sk, const struct tcpt_abi_tuple *tuple, uint32_t note)
{
	int conn = conn_of(sk, tuple);

	if (conn)
		world.truth[conn - 1].notes |= note;
}

/* ---- older connections ---- */

static int others_pass(int conn)
{
	for (int i = 0; i < THREADS; i++)
		if (i != world.current && world.thread[i].is_used && world.thread[i].conn == conn)
			return 1;
	return 0;
}

void truth_taken_over(uint64_t cookie)
{
	for (int i = 0; i < SOCKS; i++) {
		int conn = world.sock[i].conn;

		if (!conn || world.sock[i].sk.__sk_common.skc_cookie.counter != (long long)cookie)
			continue;
		world.truth[conn - 1].taker = world.current + 1;
		if (others_pass(conn))
			world.truth[conn - 1].notes |= NOTE_OVERTAKEN;
	}
}

void truth_passes(int conn, enum step step, int is_begin)
{
	struct truth *truth = conn ? &world.truth[conn - 1] : NULL;

	current_thread->conn = is_begin ? conn : 0;
	if (truth && !is_begin)
		truth_filter(truth, step);
	if (truth && truth->taker && truth->taker != world.current + 1)
		truth->notes |= NOTE_OVERTAKEN;
	else if (truth && !is_begin)
		truth->taker = 0;
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
	if (step == STEP_OTHER)
		world.stage.calls_missed = 1;
}

void truth_ends(int sock)
{
	struct model_sock *s = &world.sock[sock];
	struct tcpt_abi_tuple *tuple = &truth_of(sock)->tuple;

	tuple->family = world.stage.addresses == ADDRESSES_IPV6 ? 6 : 4;
	tuple->saddr[0] = s->sk.__sk_common.skc_rcv_saddr;
	tuple->daddr[0] = s->sk.__sk_common.skc_daddr;
	if (tuple->family == 6) {
		memcpy(tuple->saddr, &s->sk.__sk_common.skc_v6_rcv_saddr, sizeof(tuple->saddr));
		memcpy(tuple->daddr, &s->sk.__sk_common.skc_v6_daddr, sizeof(tuple->daddr));
	}
	tuple->sport = s->sk.__sk_common.skc_num;
	tuple->dport = bpf_ntohs(s->sk.__sk_common.skc_dport);
	if (offset_is_known("net->ns.inum"))
		tuple->netns = s->sk.__sk_common.skc_net.net->ns.inum;
}

/* It is as if it had been there for long; the scenario has made the sock. */
void truth_older(int sock, enum older older, int role, int task)
{
	struct truth *truth = &world.truth[truth_begin(sock, role) - 1];

	truth->older = older;
	truth_ends(sock);
	truth->began = truth->attempted = role == TCPT_ABI_CLIENT;
	truth->opener = truth->acceptor = 0;
	if (older != OLDER_QUEUED)
		truth->opener = task + 1;
	truth->opened = older != OLDER_CONNECTING;
	truth->opened_at = older != OLDER_CONNECTING ? world.clock : 0;
}

void truth_opened(int sock)
{
	struct truth *truth = truth_of(sock);

	truth->opened = 1;
	truth->opened_at = ++world.clock;
}

void truth_failed(int sock, int error)
{
	struct truth *truth = truth_of(sock);

	if (!truth || truth->opened || truth->failed)
		return;
	truth->failed = 1;
	truth->is_failed_in_stock = !!(tool_control()->existing & TCPT_ABI_TAKING_STOCK);
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

/* ---- descriptors ---- */

static int is_watched(int task)
{
	struct tcpt_abi_filter entry = { .key = TCPT_ABI_FILTER_WATCH, .value = tasks[task].pid };

	return tool_control()->filters.keys >> TCPT_ABI_FILTER_WATCH & 1 &&
	       tool_lookup(MAP_FILTERS, &entry);
}

void truth_fd_begins(int fd, int is_socket)
{
	struct descriptor *descriptor = &world.descriptor[world.fds++];

	current_thread->descriptor = world.fds;
	descriptor->task = task_plus_1() - 1;
	descriptor->fd = fd;
	descriptor->is_socket = is_socket;
	descriptor->watched = is_watched(descriptor->task);
}

void truth_fd_ends(void)
{
	struct descriptor *descriptor = &world.descriptor[current_thread->descriptor - 1];

	descriptor->watched |= is_watched(descriptor->task) << 1;
	current_thread->descriptor = 0;
}

/* In tracepoint mode sockets alone are reported. */
void truth_fd_passes(int is_missed, int is_due, int is_for_sockets)
{
	struct descriptor *descriptor = &world.descriptor[current_thread->descriptor - 1];

	if (!current_thread->descriptor || (is_for_sockets && !descriptor->is_socket))
		return;
	if (is_missed) {
		descriptor->missed = 1;
		return;
	}
	descriptor->seen = 1;
	descriptor->due |= is_due;
}

void truth_turn_passes(void)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].descriptor)
			world.descriptor[world.thread[i].descriptor - 1].is_passed = 1;
}
