// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The order at one place is that of libtcpt's table of hooks. */
#include "modes.h"

#include <stddef.h>
#include <string.h>

#define ARGUMENTS CONTEXT_ARGUMENTS

#define COOKIE                                                   \
	{                                                        \
		"tb_cookie", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 \
	}

static const struct mode_hook kprobe[] = {
	COOKIE,
	{ "rt_destroy", SITE_DESTROY, GUARD_OWN, ARGUMENTS, 0 },
	{ "kp_destroy", SITE_MPTCP_DESTROY, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_close", SITE_CLOSE, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_close", SITE_MPTCP_CLOSE, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_icmp", SITE_ICMP, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_icmp6", SITE_ICMP6, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_set_state", SITE_SET_STATE, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_set_state", SITE_MPTCP_SET_STATE, GUARD_CPU, ARGUMENTS, 0 },
	{ "rt_state", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "kp_connect", SITE_CONNECT, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_graft", SITE_GRAFT, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_fd_install", SITE_FD_INSTALL, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_dup2", SITE_DUP2, GUARD_CPU, ARGUMENTS, 0 },
	{},
};

/* A kernel before 5.11, without security_sock_graft and mptcp_set_state. */
static const struct mode_hook kprobe_return[] = {
	COOKIE,
	{ "rt_destroy", SITE_DESTROY, GUARD_OWN, ARGUMENTS, 0 },
	{ "kp_destroy", SITE_MPTCP_DESTROY, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_close", SITE_CLOSE, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_close", SITE_MPTCP_CLOSE, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_icmp", SITE_ICMP, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_icmp6", SITE_ICMP6, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_set_state", SITE_SET_STATE, GUARD_CPU, ARGUMENTS, 0 },
	{ "rt_state", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "kp_connect", SITE_CONNECT, GUARD_CPU, ARGUMENTS, 0 },
	{ "kr_accept", SITE_ACCEPT_RETURN, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_install_into", SITE_INSTALL_INTO, GUARD_CPU, ARGUMENTS, 0 },
	{ "kp_dup2", SITE_DUP2, GUARD_CPU, ARGUMENTS, 0 },
	{},
};

static const struct mode_hook fentry[] = {
	COOKIE,
	{ "tp_destroy_fe", SITE_DESTROY, GUARD_CPU, CONTEXT_SOCK, 0 },
	{ "fe_close", SITE_CLOSE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_close_again", SITE_CLOSE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_icmp", SITE_ICMP, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_icmp6", SITE_ICMP6, GUARD_OWN, ARGUMENTS, 0 },
	{ "tp_state_fe", SITE_STATE, GUARD_CPU, CONTEXT_STATE, 0 },
	{ "rt_state", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_connect", SITE_CONNECT, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_graft", SITE_GRAFT, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_fd_install", SITE_FD_INSTALL, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_dup2", SITE_DUP2, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_graft_again", SITE_GRAFT, GUARD_OWN, ARGUMENTS, 0 },
	{},
};

/* Before 5.15, where links of tracepoints cannot be pinned; and without security_sock_graft. */
static const struct mode_hook fentry_old[] = {
	{ "rt_destroy", SITE_DESTROY, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_close", SITE_CLOSE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_close_again", SITE_CLOSE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_icmp", SITE_ICMP, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_icmp6", SITE_ICMP6, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_set_state", SITE_SET_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "rt_state", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_connect", SITE_CONNECT, GUARD_OWN, ARGUMENTS, 0 },
	{ "fx_accept_2", SITE_ACCEPT_RETURN, GUARD_OWN, ARGUMENTS, 2 },
	{ "fe_fd_install", SITE_FD_INSTALL, GUARD_OWN, ARGUMENTS, 0 },
	{ "fe_dup2", SITE_DUP2, GUARD_OWN, ARGUMENTS, 0 },
	{},
};

static const struct mode_hook tracepoint[] = {
	COOKIE,
	{ "tp_destroy", SITE_DESTROY, GUARD_CPU, CONTEXT_SOCK, 0 },
	{ "rt_destroy_tp", SITE_DESTROY, GUARD_OWN, ARGUMENTS, 0 },
	{ "tp_connect_call", SITE_ENTER_CONNECT, GUARD_CPU, CONTEXT_ENTER, 0 },
	{ "tp_connect", SITE_EXIT_CONNECT, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_shutdown_end", SITE_EXIT_SHUTDOWN, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_shutdown", SITE_ENTER_SHUTDOWN, GUARD_CPU, CONTEXT_ENTER, 0 },
	{ "tp_set_state", SITE_STATE, GUARD_CPU, CONTEXT_STATE, 0 },
	{ "rt_state_tp", SITE_STATE, GUARD_OWN, ARGUMENTS, 0 },
	{ "tp_accept", SITE_EXIT_ACCEPT, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_accept4", SITE_EXIT_ACCEPT4, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_socket", SITE_EXIT_SOCKET, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_dup", SITE_EXIT_DUP, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_dup2_enter", SITE_ENTER_DUP2, GUARD_CPU, CONTEXT_ENTER, 0 },
	{ "tp_dup2", SITE_EXIT_DUP2, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_dup3", SITE_EXIT_DUP3, GUARD_CPU, CONTEXT_EXIT, 0 },
	{ "tp_fcntl_enter", SITE_ENTER_FCNTL, GUARD_CPU, CONTEXT_ENTER, 0 },
	{ "tp_fcntl", SITE_EXIT_FCNTL, GUARD_CPU, CONTEXT_EXIT, 0 },
	{},
};

static const struct mode_hook cgroup[] = {
	{ "cg_destroy", SITE_DESTROY, GUARD_OWN, ARGUMENTS, 0 },
	{ "cg_release", SITE_RELEASE, GUARD_NONE, CONTEXT_BPF_SOCK, 0 },
	{ "cg_icmp", SITE_ICMP, GUARD_CPU, ARGUMENTS, 0 },
	{ "cg_icmp6", SITE_ICMP6, GUARD_CPU, ARGUMENTS, 0 },
	{ "cg_connect4", SITE_PRE_CONNECT4, GUARD_NONE, CONTEXT_SOCK_ADDR, 0 },
	{ "cg_connect6", SITE_PRE_CONNECT6, GUARD_NONE, CONTEXT_SOCK_ADDR, 0 },
	{ "cg_graft", SITE_GRAFT, GUARD_CPU, ARGUMENTS, 0 },
	{ "cg_ops", SITE_OPS, GUARD_NONE, CONTEXT_SOCK_OPS, 0 },
	{},
};

/* Without offsets, and without all that is no program of control groups. */
static const struct mode_hook cgroup_bare[] = {
	{ "cg_release", SITE_RELEASE, GUARD_NONE, CONTEXT_BPF_SOCK, 0 },
	{ "cg_connect4", SITE_PRE_CONNECT4, GUARD_NONE, CONTEXT_SOCK_ADDR, 0 },
	{ "cg_connect6", SITE_PRE_CONNECT6, GUARD_NONE, CONTEXT_SOCK_ADDR, 0 },
	{ "cg_ops", SITE_OPS, GUARD_NONE, CONTEXT_SOCK_OPS, 0 },
	{},
};

#define NO_OFFSETS                                                                         \
	"hooks->accept heeds->ipv4 heeds->ipv6 net->ns.inum sk->__sk_common.skc_net.net "  \
	"sk->__sk_common.skc_cookie sk->__sk_common.skc_state sk->sk_err sk->sk_err_soft " \
	"sk->sk_protocol sk->sk_shutdown sk->sk_socket task->files"

#define WITH_GRAFT 1
#define WITHOUT_GRAFT 2

const struct mode modes[MODES + 1] = {
	{ .name = "kprobe",
	  .hooks = kprobe,
	  .sees_mptcp = 1,
	  .ends_mptcp = 1,
	  .kernels = WITH_GRAFT },
	{ .name = "kprobe-return",
	  .hooks = kprobe_return,
	  .accept_is_late = 1,
	  .ends_mptcp = 1,
	  .kernels = WITHOUT_GRAFT },
	{ .name = "fentry", .hooks = fentry, .sees_mptcp = 1, .kernels = WITH_GRAFT },
	{ .name = "fentry-old",
	  .hooks = fentry_old,
	  .accept_is_late = 1,
	  .kernels = WITHOUT_GRAFT },
	{ .name = "tracepoint",
	  .absent = "heeds->ipv4 heeds->ipv6",
	  .hooks = tracepoint,
	  .is_tracepoint = 1,
	  .accept_is_late = 1,
	  .sees_mptcp = 1,
	  .kernels = WITH_GRAFT | WITHOUT_GRAFT },
	{ .name = "cgroup", .hooks = cgroup, .is_cgroup = 1 },
	{ .name = "cgroup-bare",
	  .absent = NO_OFFSETS,
	  .hooks = cgroup_bare,
	  .is_cgroup = 1,
	  .is_bare = 1 },
	{},
};

const struct mode *mode_now = modes;

const struct mode *mode_find(const char *name)
{
	for (const struct mode *mode = modes; mode->name; mode++)
		if (!strcmp(mode->name, name))
			return mode;
	return NULL;
}
