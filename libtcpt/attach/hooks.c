// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The programs of each attach mode, and the hook of each program. */
#include <asm/unistd.h>

#include "attach/hooks.h"
#include "base/knobs.h"
#include "internal.h"

#define HOOK(kind_, program_, target_, ...)                                               \
	{                                                                                 \
		.kind = KIND_##kind_, .program = program_, .target = target_, __VA_ARGS__ \
	}
#define SYSCALL(program_, target_, ...) \
	HOOK(TRACEPOINT, program_, target_, .category = "syscalls", __VA_ARGS__)
/* One that serves watched processes alone. */
#define FDS(kind_, program_, target_, ...) \
	HOOK(kind_, program_, target_, .need = HOOK_OPTIONAL, .for_fds = true, __VA_ARGS__)

/*
 * The hooks of ends come first, that of the very end before that of the close, so that no
 * connection is remembered whose end no hook sees. The hooks that see the refusal of a
 * connect, or a call of shutdown(), come next, before the hooks that rely on them. If two
 * programs are on one tracepoint, the one attached first runs first: the one that makes
 * the cookie, then the one that cannot be preempted.
 */
static const struct hook kprobe_hooks[] = {
	HOOK(TP_BTF, "tb_cookie", "inet_sock_set_state", .need = HOOK_OPTIONAL),
	HOOK(RAW_TP, "rt_destroy", "tcp_destroy_sock", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "kp_destroy", "mptcp_destroy", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "kp_close", "tcp_close"),
	HOOK(KPROBE, "kp_close", "mptcp_close", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "kp_icmp", "ip_icmp_error", .need = HOOK_WITNESS),
	HOOK(KPROBE, "kp_icmp6", "ipv6_icmp_error", .need = HOOK_WITNESS),
	HOOK(KPROBE, "kp_set_state", "tcp_set_state"),
	HOOK(KPROBE, "kp_set_state", "mptcp_set_state", .need = HOOK_OPTIONAL),
	HOOK(RAW_TP, "rt_state", "inet_sock_set_state", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "kp_connect", "tcp_connect", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "kp_graft", "security_sock_graft"),
	HOOK(KRETPROBE, "kr_accept", "inet_csk_accept", .need = HOOK_FALLBACK),
	FDS(KPROBE, "kp_install_into", "__fd_install", .reports_fds = true),
	FDS(KPROBE, "kp_fd_install", "fd_install", .unless_calls = "__fd_install",
	    .reports_fds = true),
	FDS(KPROBE, "kp_dup2", "do_dup2"),
	{},
};

static const struct hook fentry_hooks[] = {
	HOOK(TP_BTF, "tb_cookie", "inet_sock_set_state", .need = HOOK_OPTIONAL),
	HOOK(TRACEPOINT, "tp_destroy_fe", "tcp_destroy_sock", .category = "tcp",
	     .need = HOOK_OPTIONAL),
	HOOK(RAW_TP, "rt_destroy", "tcp_destroy_sock", .need = HOOK_FALLBACK),
	HOOK(FENTRY, "fe_close", "tcp_close"),
	HOOK(FENTRY, "fe_close_again", "tcp_close", .need = HOOK_OPTIONAL),
	HOOK(FENTRY, "fe_icmp", "ip_icmp_error", .need = HOOK_WITNESS),
	HOOK(FENTRY, "fe_icmp6", "ipv6_icmp_error", .need = HOOK_WITNESS),
	HOOK(TRACEPOINT, "tp_state_fe", "inet_sock_set_state", .category = "sock",
	     .need = HOOK_OPTIONAL),
	HOOK(FENTRY, "fe_set_state", "tcp_set_state", .need = HOOK_FALLBACK),
	HOOK(RAW_TP, "rt_state", "inet_sock_set_state"),
	HOOK(FENTRY, "fe_connect", "tcp_connect", .need = HOOK_OPTIONAL),
	HOOK(FENTRY, "fe_graft", "security_sock_graft"),
	HOOK(FEXIT, "fx_accept_2", "inet_csk_accept", .need = HOOK_FALLBACK, .args = 2),
	HOOK(FEXIT, "fx_accept_4", "inet_csk_accept", .need = HOOK_FALLBACK, .args = 4),
	FDS(FENTRY, "fe_fd_install", "fd_install", .reports_fds = true),
	FDS(FENTRY, "fe_dup2", "do_dup2"),
	HOOK(FENTRY, "fe_graft_again", "security_sock_graft", .need = HOOK_OPTIONAL),
	{},
};

static const struct hook tracepoint_hooks[] = {
	HOOK(TP_BTF, "tb_cookie", "inet_sock_set_state", .need = HOOK_OPTIONAL),
	HOOK(TRACEPOINT, "tp_destroy", "tcp_destroy_sock", .category = "tcp"),
	HOOK(RAW_TP, "rt_destroy_tp", "tcp_destroy_sock"),
	SYSCALL("tp_connect_call", "sys_enter_connect", .need = HOOK_OPTIONAL),
	SYSCALL("tp_connect", "sys_exit_connect", .need = HOOK_OPTIONAL),
	SYSCALL("tp_shutdown_end", "sys_exit_shutdown"),
	SYSCALL("tp_shutdown", "sys_enter_shutdown"),
	HOOK(TRACEPOINT, "tp_set_state", "inet_sock_set_state", .category = "sock"),
	HOOK(RAW_TP, "rt_state_tp", "inet_sock_set_state"),
#ifdef __NR_accept
	SYSCALL("tp_accept", "sys_exit_accept", .reports_fds = true),
	SYSCALL("tp_accept4", "sys_exit_accept4"),
#else
	/* s390x has no such call: accept() of its C library is accept4(). */
	SYSCALL("tp_accept4", "sys_exit_accept4", .reports_fds = true),
#endif
	FDS(TRACEPOINT, "tp_socket", "sys_exit_socket", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_dup", "sys_exit_dup", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_dup2_enter", "sys_enter_dup2", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_dup2", "sys_exit_dup2", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_dup3", "sys_exit_dup3", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_fcntl_enter", "sys_enter_fcntl", .category = "syscalls"),
	FDS(TRACEPOINT, "tp_fcntl", "sys_exit_fcntl", .category = "syscalls"),
	{},
};

static const struct hook cgroup_hooks[] = {
	HOOK(RAW_TP, "cg_destroy", "tcp_destroy_sock", .need = HOOK_OPTIONAL, .needs_cookie = true),
	HOOK(CGROUP, "cg_release", "sock_release"),
	HOOK(KPROBE, "cg_icmp", "ip_icmp_error", .need = HOOK_WITNESS, .needs_cookie = true),
	HOOK(KPROBE, "cg_icmp6", "ipv6_icmp_error", .need = HOOK_WITNESS, .needs_cookie = true),
	HOOK(CGROUP, "cg_connect4", "connect4"),
	HOOK(CGROUP, "cg_connect6", "connect6", .need = HOOK_OPTIONAL),
	HOOK(KPROBE, "cg_graft", "security_sock_graft", .need = HOOK_WITNESS, .needs_cookie = true),
	HOOK(CGROUP, "cg_ops", "sock_ops"),
	FDS(KPROBE, "kp_install_into", "__fd_install", .reports_fds = true),
	FDS(KPROBE, "kp_fd_install", "fd_install", .unless_calls = "__fd_install",
	    .reports_fds = true),
	FDS(KPROBE, "kp_dup2", "do_dup2"),
	{},
};

const struct hook *hooks_of_processes(void)
{
	static const struct hook hooks[] = {
		HOOK(TRACEPOINT, "tp_exit", "sched_process_exit", .category = "sched"),
		HOOK(TRACEPOINT, "tp_exec", "sched_process_exec", .category = "sched"),
		HOOK(TRACEPOINT, "tp_newtask", "task_newtask", .category = "task"),
		{},
	};

	return hooks;
}

const struct hook *hooks_of(enum tcpt_attach mode)
{
	static const struct hook *const tables[] = {
		[TCPT_ATTACH_KPROBE] = kprobe_hooks,
		[TCPT_ATTACH_FENTRY] = fentry_hooks,
		[TCPT_ATTACH_TRACEPOINT] = tracepoint_hooks,
		[TCPT_ATTACH_CGROUP] = cgroup_hooks,
	};

	return tables[mode];
}

/* Notes the result for the present hook. */
static void note(struct hook_walk *walk)
{
	if (walk->at->need == HOOK_FALLBACK && walk->err)
		return;
	walk->lacking = walk->err ? walk->at : NULL;
	walk->why = walk->err;
}

const struct hook *hooks_next(struct hook_walk *walk)
{
	if (walk->at)
		note(walk);
	do
		walk->at = walk->at ? walk->at + 1 : hooks_of(walk->mode);
	while (walk->at->need == HOOK_FALLBACK && !walk->lacking);
	if (walk->at->need != HOOK_FALLBACK && walk->lacking) {
		if (walk->lacking->need == HOOK_REQUIRED)
			return NULL;
		walk->lacking = NULL;
	}
	return walk->at->program ? walk->at : NULL;
}

bool hooks_report_fds(enum tcpt_attach mode, bool (*is_there)(const void *arg, const char *program),
		      const void *arg)
{
	for (const struct hook *hook = hooks_of(mode); hook->program; hook++)
		if (hook->reports_fds && is_there(arg, hook->program))
			return true;
	return false;
}

const char *hook_kind_name(enum hook_kind kind)
{
	static const char *const names[] = {
		[KIND_KPROBE] = "kprobe",	  [KIND_KRETPROBE] = "kretprobe",
		[KIND_FENTRY] = "fentry",	  [KIND_FEXIT] = "fexit",
		[KIND_RAW_TP] = "raw_tp",	  [KIND_TP_BTF] = "tp_btf",
		[KIND_TRACEPOINT] = "tracepoint", [KIND_CGROUP] = "cgroup",
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
