/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sees to it that sockets have cookies. */
#ifndef TCPT_COOKIE_H
#define TCPT_COOKIE_H

#include "sock.h"

/*
 * The kernel makes a socket's cookie when it is first asked for. Asked here,
 * before the other programs see the change of state, all events have it. A
 * program that finds the kernel's types may ask, since Linux 5.12.
 */
SEC("tp_btf/inet_sock_set_state")
int tb_cookie(__u64 *ctx)
{
	int state = ctx[2];

	if (state == TCPT_SYN_SENT || state == TCPT_SYN_RECV || state == TCPT_ESTABLISHED)
		bpf_get_socket_cookie((struct sock *)ctx[0]);
	return 0;
}

#endif
