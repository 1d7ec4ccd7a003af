// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which programs make up an attach mode, and what each is attached to. */
#include <stdio.h>

#include "internal.h"

#define KPROBE TCPT_ATTACH_KPROBE
#define FENTRY TCPT_ATTACH_FENTRY
#define TRACEPOINT TCPT_ATTACH_TRACEPOINT

/*
 * Closes first, so that no connection is remembered whose end nobody sees, then
 * what sees the refusal of a connect, before there is one that relies on it. Of
 * two programs on one tracepoint the first one attached runs first: the one
 * that makes the cookie, then the one that cannot be preempted.
 */
const struct hook hooks[] = {
	{ "tb_cookie", KPROBE, HOOK_OPTIONAL, KIND_TP_BTF, NULL, "inet_sock_set_state", 0 },
	{ "kp_close", KPROBE, HOOK_REQUIRED, KIND_KPROBE, NULL, "tcp_close", 0 },
	{ "rt_destroy", KPROBE, HOOK_OPTIONAL, KIND_RAW_TP, NULL, "tcp_destroy_sock", 0 },
	{ "kp_icmp", KPROBE, HOOK_WITNESS, KIND_KPROBE, NULL, "ip_icmp_error", 0 },
	{ "kp_icmp6", KPROBE, HOOK_WITNESS, KIND_KPROBE, NULL, "ipv6_icmp_error", 0 },
	{ "kp_set_state", KPROBE, HOOK_REQUIRED, KIND_KPROBE, NULL, "tcp_set_state", 0 },
	{ "rt_state", KPROBE, HOOK_OPTIONAL, KIND_RAW_TP, NULL, "inet_sock_set_state", 0 },
	{ "kp_connect", KPROBE, HOOK_OPTIONAL, KIND_KPROBE, NULL, "tcp_connect", 0 },
	{ "kp_graft", KPROBE, HOOK_REQUIRED, KIND_KPROBE, NULL, "security_sock_graft", 0 },
	{ "kr_accept", KPROBE, HOOK_FALLBACK, KIND_KRETPROBE, NULL, "inet_csk_accept", 0 },
	{ "kp_fd_install", KPROBE, HOOK_OPTIONAL, KIND_KPROBE, NULL, "fd_install", 0 },
	{ "kp_dup2", KPROBE, HOOK_OPTIONAL, KIND_KPROBE, NULL, "do_dup2", 0 },

	{ "tb_cookie", FENTRY, HOOK_OPTIONAL, KIND_TP_BTF, NULL, "inet_sock_set_state", 0 },
	{ "fe_close", FENTRY, HOOK_REQUIRED, KIND_FENTRY, NULL, "tcp_close", 0 },
	{ "fe_close_again", FENTRY, HOOK_OPTIONAL, KIND_FENTRY, NULL, "tcp_close", 0 },
	{ "tp_destroy_fe", FENTRY, HOOK_OPTIONAL, KIND_TRACEPOINT, "tcp", "tcp_destroy_sock", 0 },
	{ "rt_destroy", FENTRY, HOOK_FALLBACK, KIND_RAW_TP, NULL, "tcp_destroy_sock", 0 },
	{ "fe_icmp", FENTRY, HOOK_WITNESS, KIND_FENTRY, NULL, "ip_icmp_error", 0 },
	{ "fe_icmp6", FENTRY, HOOK_WITNESS, KIND_FENTRY, NULL, "ipv6_icmp_error", 0 },
	{ "tp_state_fe", FENTRY, HOOK_OPTIONAL, KIND_TRACEPOINT, "sock", "inet_sock_set_state", 0 },
	{ "fe_set_state", FENTRY, HOOK_FALLBACK, KIND_FENTRY, NULL, "tcp_set_state", 0 },
	{ "rt_state", FENTRY, HOOK_REQUIRED, KIND_RAW_TP, NULL, "inet_sock_set_state", 0 },
	{ "fe_connect", FENTRY, HOOK_OPTIONAL, KIND_FENTRY, NULL, "tcp_connect", 0 },
	{ "fe_graft", FENTRY, HOOK_REQUIRED, KIND_FENTRY, NULL, "security_sock_graft", 0 },
	{ "fx_accept_2", FENTRY, HOOK_FALLBACK, KIND_FEXIT, NULL, "inet_csk_accept", 2 },
	{ "fx_accept_4", FENTRY, HOOK_FALLBACK, KIND_FEXIT, NULL, "inet_csk_accept", 4 },
	{ "fe_fd_install", FENTRY, HOOK_OPTIONAL, KIND_FENTRY, NULL, "fd_install", 0 },
	{ "fe_dup2", FENTRY, HOOK_OPTIONAL, KIND_FENTRY, NULL, "do_dup2", 0 },
	{ "fe_graft_again", FENTRY, HOOK_OPTIONAL, KIND_FENTRY, NULL, "security_sock_graft", 0 },

	{ "tb_cookie", TRACEPOINT, HOOK_OPTIONAL, KIND_TP_BTF, NULL, "inet_sock_set_state", 0 },
	{ "tp_destroy", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "tcp", "tcp_destroy_sock", 0 },
	{ "rt_destroy_tp", TRACEPOINT, HOOK_REQUIRED, KIND_RAW_TP, NULL, "tcp_destroy_sock", 0 },
	{ "tp_connect_call", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls",
	  "sys_enter_connect", 0 },
	{ "tp_connect", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_connect",
	  0 },
	{ "tp_set_state", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "sock", "inet_sock_set_state",
	  0 },
	{ "rt_state_tp", TRACEPOINT, HOOK_REQUIRED, KIND_RAW_TP, NULL, "inet_sock_set_state", 0 },
	{ "tp_shutdown_end", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "syscalls",
	  "sys_exit_shutdown", 0 },
	{ "tp_shutdown", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "syscalls",
	  "sys_enter_shutdown", 0 },
	{ "tp_accept", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "syscalls", "sys_exit_accept",
	  0 },
	{ "tp_accept4", TRACEPOINT, HOOK_REQUIRED, KIND_TRACEPOINT, "syscalls", "sys_exit_accept4",
	  0 },
	{ "tp_socket", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_socket",
	  0 },
	{ "tp_dup", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_dup", 0 },
	{ "tp_dup2_enter", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_enter_dup2",
	  0 },
	{ "tp_dup2", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_dup2", 0 },
	{ "tp_dup3", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_dup3", 0 },
	{ "tp_fcntl_enter", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls",
	  "sys_enter_fcntl", 0 },
	{ "tp_fcntl", TRACEPOINT, HOOK_OPTIONAL, KIND_TRACEPOINT, "syscalls", "sys_exit_fcntl", 0 },
	{},
};

const char *hook_kind_name(enum hook_kind kind)
{
	static const char *const names[] = {
		[KIND_KPROBE] = "kprobe",	  [KIND_KRETPROBE] = "kretprobe",
		[KIND_FENTRY] = "fentry",	  [KIND_FEXIT] = "fexit",
		[KIND_RAW_TP] = "raw_tp",	  [KIND_TP_BTF] = "tp_btf",
		[KIND_TRACEPOINT] = "tracepoint",
	};

	return names[kind];
}

const char *hook_target(const struct hook *hook, struct hook_text *buf)
{
	snprintf(buf->text, sizeof(buf->text), "%s%s%s", hook->category ? hook->category : "",
		 hook->category ? ":" : "", hook->target);
	return buf->text;
}

const char *hook_name(const struct hook *hook, struct hook_text *buf)
{
	struct hook_text target;

	snprintf(buf->text, sizeof(buf->text), "%s %s", hook_kind_name(hook->kind),
		 hook_target(hook, &target));
	return buf->text;
}

bool hook_is_denied(const struct hook *hook)
{
	char text[96];

	snprintf(text, sizeof(text), "%s:%s", hook_kind_name(hook->kind), hook->target);
	return knob_without(text) || knob_without(hook->target) ||
	       knob_without(hook_kind_name(hook->kind));
}
