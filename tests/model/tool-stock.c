// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tcpt-load takes stock: the steps of libtcpt/trace/existing.c, by the same names. */
#include <string.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "tool.h"
#include "truth.h"

#define FIRST_ID (0x1fffULL << 40)
#define OPEN_STATES                                                          \
	(1 << TCPT_ESTABLISHED | 1 << TCPT_FIN_WAIT1 | 1 << TCPT_FIN_WAIT2 | \
	 1 << TCPT_CLOSE_WAIT | 1 << TCPT_LAST_ACK | 1 << TCPT_CLOSING)
#define STATES (OPEN_STATES | 1 << TCPT_SYN_SENT | 1 << TCPT_SYN_RECV)

struct socket_seen {
	uint8_t conn_of; /* index of truth, plus 1 */
	struct tcpt_abi_conn conn;
};

struct stock {
	uint8_t count;
	struct socket_seen older[2];
};

/* ---- 1.: what the kernel's socket diagnosis shows ---- */

/* A socket that listens on its port makes it a server's. */
static int role_of(const struct model_sock *s)
{
	for (int i = 0; i < SOCKS; i++)
		if (world.sock[i].is_live && state_of(i) == TCPT_LISTEN &&
		    world.sock[i].inet.inet_sport == s->inet.inet_sport)
			return TCPT_ABI_SERVER;
	return TCPT_ABI_CLIENT;
}

/* inet_csk_diag_fill(): the port is that of inet_sport. */
static void take_ends(struct tcpt_abi_tuple *tuple, const struct model_sock *s)
{
	const struct sock_common *common = &s->sk.__sk_common;

	tuple->family = 4;
	tuple->saddr[0] = common->skc_rcv_saddr;
	tuple->daddr[0] = common->skc_daddr;
	tuple->sport = bpf_ntohs(s->inet.inet_sport);
	tuple->dport = bpf_ntohs(common->skc_dport);
	tuple->netns = common->skc_net.net->ns.inum;
}

static void take_holder(struct tcpt_abi_task *task, const struct truth *truth)
{
	const struct model_task *holder = &tasks[truth->opener - 1];

	task->pid = task->tid = holder->pid;
	task->uid = holder->uid;
	task->cgroup = holder->pid + 1000;
	memcpy(task->comm, holder->comm, sizeof(task->comm));
}

static void take_socket(struct stock *stock, int sock)
{
	const struct model_sock *s = &world.sock[sock];
	struct socket_seen *older = &stock->older[stock->count];
	int state = state_of(sock);

	if (!s->is_live || !s->sk.sk_socket || !(STATES >> state & 1))
		return;
	stock->count++;
	older->conn_of = s->conn;
	older->conn.cookie = helper_cookie(&s->sk);
	older->conn.connecting = state == TCPT_SYN_SENT;
	take_ends(&older->conn.tuple, s);
	older->conn.role = older->conn.connecting ? TCPT_ABI_CLIENT : role_of(s);
	take_holder(&older->conn.opener, truth_of(sock));
}

static void diag_take(struct stock *stock)
{
	for (int sock = 0; sock < SOCKS; sock++)
		if (world.sock[sock].is_live) {
			free_point();
			take_socket(stock, sock);
		}
	say("socket diagnosis shows %d", stock->count);
}

/* ---- 2. ---- */

static void put(const struct socket_seen *older)
{
	const struct tcpt_abi_conn *conn = &older->conn;
	struct truth *truth = &world.truth[older->conn_of - 1];
	uint8_t one = 1;

	if (!conn->connecting)
		tool_update(MAP_UNANNOUNCED, &conn->cookie, &one, 0);
	free_point();
	tool_control()->existing++;
	free_point();
	truth->stock = 1;
	truth->is_stock_open = !conn->connecting;
	truth_filter_older(truth, conn->reported == TCPT_ABI_HIDDEN);
	say("puts cookie %llu into existing", (unsigned long long)conn->cookie);
	if (tool_update(MAP_EXISTING, &conn->cookie, conn, 1))
		tool_control()->existing--;
}

/* From now on every step of these is seen by a hook that finds the entry. */
static void note_stock(const struct stock *stock)
{
	for (int i = 0; i < stock->count; i++) {
		struct truth *truth = &world.truth[stock->older[i].conn_of - 1];
		int is_connecting = stock->older[i].conn.connecting;

		if (is_connecting ? !truth->failed && !truth->opened :
				    !truth->closed && !truth->by_nobody)
			truth->stock = 2;
	}
}

/* ---- 3. and 4. ---- */

static void drop(const struct socket_seen *older)
{
	const struct tcpt_abi_conn *conn = &older->conn;

	free_point();
	if (tool_delete(MAP_EXISTING, &conn->cookie))
		return;
	world.truth[older->conn_of - 1].notes |= NOTE_DROPPED;
	say("drops cookie %llu", (unsigned long long)conn->cookie);
	tool_control()->existing--;
	free_point();
	tool_delete(MAP_UNANNOUNCED, &conn->cookie);
}

static void drop_known(const struct stock *stock, const struct tcpt_abi_tuple *tuple)
{
	for (int i = 0; i < stock->count; i++)
		if (!memcmp(&stock->older[i].conn.tuple, tuple, sizeof(*tuple)))
			drop(&stock->older[i]);
}

static void drop_reported(const struct stock *stock)
{
	const void *value;
	int at;

	for (at = 0; map_next(MAP_CONNS, &at, &value);)
		drop_known(stock, &((const struct tcpt_abi_conn *)value)->tuple);
	for (at = 0; map_next(MAP_HIDDEN, &at, &value);)
		drop_known(stock, value);
}

static int is_still(const struct stock *again, const struct tcpt_abi_conn *conn)
{
	for (int i = 0; i < again->count; i++)
		if (again->older[i].conn.cookie == conn->cookie)
			return again->older[i].conn.connecting == conn->connecting &&
			       !memcmp(&again->older[i].conn.tuple, &conn->tuple,
				       sizeof(conn->tuple));
	return 0;
}

static void drop_closed(const struct stock *stock)
{
	struct stock again = {};

	diag_take(&again);
	for (int i = 0; i < stock->count; i++)
		if (!is_still(&again, &stock->older[i].conn))
			drop(&stock->older[i]);
}

/* ---- all steps ---- */

void tool_take_stock(void)
{
	struct stock stock = {};

	free_point();
	diag_take(&stock);
	for (int i = 0; i < stock.count; i++) {
		stock.older[i].conn.id = FIRST_ID + i + 1;
		stock.older[i].conn.reported = tool_hides(&stock.older[i].conn.tuple,
							  &stock.older[i].conn.opener,
							  stock.older[i].conn.role) ?
						       TCPT_ABI_HIDDEN :
						       TCPT_ABI_SHOWN;
		free_point();
		put(&stock.older[i]);
	}
	tool_await_programs();
	say("has waited for the programs that were running");
	note_stock(&stock);
	drop_reported(&stock);
	drop_closed(&stock);
	free_point();
	tool_control()->existing &= ~TCPT_ABI_TAKING_STOCK;
	say("stock is taken");
	for (int i = 0; i < stock.count; i++)
		if (!stock.older[i].conn.connecting) {
			free_point();
			hook_run_announce(stock.older[i].conn.cookie);
		}
}

void tool_load(void)
{
	for (int i = hooks_count(); i; i--) {
		world.stage.hooks[0]++;
		free_point();
	}
	say("all hooks are attached");
	tool_take_stock();
}
