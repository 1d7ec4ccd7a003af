/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections that were open before the trace, and connects that were under way
 * then. libtcpt/trace/existing.c finds them. User space knows a socket by its cookie
 * only, so their entries wait in the map existing until a hook sees the sock.
 */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include "turn.h"

static __always_inline int is_taking_stock(void)
{
	struct tcpt_abi_control *control = controls();

	return control && control->existing & TCPT_ABI_TAKING_STOCK;
}

/*
 * Moves a connect to pending, where it is like any other. If there is an entry in
 * pending or hidden already, that is a later connect of the same socket, or the trace
 * saw this one begin.
 */
static __always_inline void adopt_connect(struct sock *sk, const struct tcpt_abi_conn *entry,
					  struct tcpt_abi_control *control)
{
	struct tcpt_abi_pending connect = {};
	__u64 cookie = entry->cookie, key = key_of(sk);
	int is_hidden = entry->reported == TCPT_ABI_HIDDEN;

	connect.opener = entry->opener;
	connect.tuple = entry->tuple;
	connect.by = OWN_TURN;
	if (bpf_map_delete_elem(&existing, &cookie))
		return;
	__sync_fetch_and_add(&control->existing, -1);
	if (find_hidden(sk))
		return;
	if (is_hidden)
		hide(sk, &connect.tuple);
	else
		bpf_map_update_elem(&pending, &key, &connect, BPF_NOEXIST);
}

/*
 * Moves a connection to conns, or a connect to pending. Every hook that can be the
 * first to see such a sock calls this before anything else. Whoever deletes the entry
 * moves it, and whoever deletes the one in unannounced reports it. Hidden ones are
 * not reported.
 */
static __always_inline void adopt(struct sock *sk)
{
	struct tcpt_abi_control *control = controls();
	struct tcpt_abi_conn *entry, *known, conn;
	int is_known;
	__u64 cookie;

	if (!control || !control->existing)
		return;
	known = find_conn(sk);
	if (known && known->reported != TCPT_ABI_HIDDEN)
		return;
	cookie = read_cookie(sk);
	entry = cookie ? bpf_map_lookup_elem(&existing, &cookie) : NULL;
	if (!entry)
		return;
	if (entry->connecting) {
		adopt_connect(sk, entry, control);
		return;
	}
	conn = *entry;
	if (bpf_map_delete_elem(&existing, &cookie))
		return;
	__sync_fetch_and_add(&control->existing, -1);
	is_known = known || find_hidden(sk);
	if (!bpf_map_delete_elem(&unannounced, &cookie) && !is_known)
		emit(TCPT_ABI_EXISTING, TCPT_ABI_LATE, &conn, &conn.opener, 0);
	if (is_known)
		return;
	if (conn.reported == TCPT_ABI_HIDDEN)
		hide(sk, &conn.tuple);
	else
		remember(sk, &conn);
}

/* The loader has the connection with this cookie reported. */
static __always_inline void announced(__u64 cookie)
{
	struct tcpt_abi_conn *entry = bpf_map_lookup_elem(&existing, &cookie);
	struct tcpt_abi_conn conn;

	if (!entry)
		return;
	conn = *entry;
	if (!bpf_map_delete_elem(&unannounced, &cookie))
		emit(TCPT_ABI_EXISTING, 0, &conn, &conn.opener, 0);
}

#endif
