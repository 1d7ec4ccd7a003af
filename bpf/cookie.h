/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives each socket its cookie. */
#ifndef TCPT_COOKIE_H
#define TCPT_COOKIE_H

#include "sock.h"

/*
 * The kernel makes a socket's cookie when somebody first asks for it. This program asks
 * before the others see the change of state, so that all events have the cookie. Since
 * Linux 5.12 a program that has the kernel's BTF may ask.
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
