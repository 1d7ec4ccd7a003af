/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections that were open before the trace, and connects that were under way
 * then. libtcpt/trace/existing.c finds them. User space knows a socket by its cookie
 * only, so their entries wait in the map existing until a hook sees the sock.
 */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include <linux/errno.h>

#include "turn.h"

static __always_inline int is_taking_stock(void)
{
	struct tcpt_abi_control *control = controls();

	return control && control->existing & TCPT_ABI_TAKING_STOCK;
}

/*
 * The loader looks first and makes the entry later. Meanwhile the connect may have
 * succeeded or failed, or a task may have closed the connection, or connected its socket
 * once more. Then the hooks have reported that without an entry.
 */
static __always_inline int is_past(struct sock *sk, int is_connect)
{
	__u8 state = read_state(sk);

	if (is_connect)
		return state != TCPT_SYN_SENT && state != TCPT_SYN_RECV;
	return state == TCPT_SYN_SENT || is_orphan(sk);
}

/*
 * Moves a connect to pending, where it is like any other. If there is an entry in
 * pending or hidden already, that is a later connect of the same socket, or the trace
 * saw this one begin. The entry in pending is there before that in existing is gone:
 * another CPU may see the connect end right now. Who finds that entry gone takes its own
 * back.
 */
static __always_inline void adopt_connect(struct sock *sk, const struct tcpt_abi_conn *entry,
					  struct tcpt_abi_control *control, int is_taking)
{
	struct tcpt_abi_pending connect = {};
	__u64 cookie = entry->cookie, key = key_of(sk);
	int is_hidden = entry->reported == TCPT_ABI_HIDDEN;
	long err = -EEXIST;

	copy(&connect.opener, &entry->opener);
	copy(&connect.tuple, &entry->tuple);
	connect.by = OWN_TURN;
	if (find_hidden(sk) || (is_taking && is_past(sk, 1)))
		is_hidden = 0;
	else if (!is_hidden)
		err = bpf_map_update_elem(&pending, &key, &connect, BPF_NOEXIST);
	if (bpf_map_delete_elem(&existing, &cookie)) {
		if (!err)
			bpf_map_delete_elem(&pending, &key);
		return;
	}
	add(control, existing, -1);
	if (is_hidden)
		hide(sk, &connect.tuple);
	if (err == -E2BIG) {
		count(pending_full);
		note_full();
	}
}

/*
 * The connection of this entry was reported, or will be. Of one that find_older() made,
 * the close alone will.
 */
static __always_inline int is_reported(const struct tcpt_abi_conn *known)
{
	return known && (known->role || known->reported == TCPT_ABI_HIDDEN);
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
	int is_known, is_taking;
	__u64 cookie;

	if (!control || !control->existing)
		return;
	is_taking = is_taking_stock(); /* before the look-up: later there is no past entry */
	known = find_conn(sk);
	if (known && known->reported != TCPT_ABI_HIDDEN)
		return;
	cookie = read_cookie(sk);
	entry = cookie ? bpf_map_lookup_elem(&existing, &cookie) : NULL;
	if (!entry)
		return;
	if (entry->connecting) {
		adopt_connect(sk, entry, control, is_taking);
		return;
	}
	copy(&conn, entry);
	if (bpf_map_delete_elem(&existing, &cookie))
		return;
	add(control, existing, -1);
	known = find_conn(sk); /* of another CPU */
	is_known = is_reported(known) || find_hidden(sk) || (is_taking && is_past(sk, 0));
	if (!bpf_map_delete_elem(&unannounced, &cookie) && !is_known)
		emit(TCPT_ABI_EXISTING, TCPT_ABI_LATE, &conn, &conn.opener, 0);
	if (is_known)
		return;
	if (conn.reported != TCPT_ABI_HIDDEN) {
		remember(sk, &conn);
		return;
	}
	hide(sk, &conn.tuple);
	forget(sk); /* find_older() of another CPU has not seen that it is hidden */
}

/* The loader has the connection with this cookie reported. */
static __always_inline void announced(__u64 cookie)
{
	struct tcpt_abi_conn *entry = bpf_map_lookup_elem(&existing, &cookie);
	struct tcpt_abi_conn conn;

	if (!entry)
		return;
	copy(&conn, entry);
	if (!bpf_map_delete_elem(&unannounced, &cookie))
		emit(TCPT_ABI_EXISTING, 0, &conn, &conn.opener, 0);
}

#endif
