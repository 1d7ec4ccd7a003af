// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which programs make up an attach mode, and how each is attached. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

enum kind { KIND_KPROBE, KIND_RAW_TP, KIND_TRACEPOINT };

struct hook {
	const char *program; /* in bpf/trace.bpf.c */
	enum tcpt_attach mode;
	bool optional; /* repairs what others miss */
	enum kind kind;
	const char *category; /* of a tracepoint */
	const char *target;
};

/*
 * Closes first, so that no connection is remembered whose end nobody sees. Of
 * two programs on one tracepoint the first one attached runs first: the one
 * that cannot be preempted.
 */
static const struct hook hooks[] = {
	{ "kp_close", TCPT_ATTACH_KPROBE, false, KIND_KPROBE, NULL, "tcp_close" },
	{ "rt_destroy_kp", TCPT_ATTACH_KPROBE, true, KIND_RAW_TP, NULL, "tcp_destroy_sock" },
	{ "kp_set_state", TCPT_ATTACH_KPROBE, false, KIND_KPROBE, NULL, "tcp_set_state" },
	{ "rt_state_kp", TCPT_ATTACH_KPROBE, true, KIND_RAW_TP, NULL, "inet_sock_set_state" },
	{ "kp_connect", TCPT_ATTACH_KPROBE, false, KIND_KPROBE, NULL, "tcp_connect" },
	{ "kp_graft", TCPT_ATTACH_KPROBE, false, KIND_KPROBE, NULL, "security_sock_graft" },
	{ "tp_destroy", TCPT_ATTACH_TRACEPOINT, false, KIND_TRACEPOINT, "tcp", "tcp_destroy_sock" },
	{ "rt_destroy_tp", TCPT_ATTACH_TRACEPOINT, false, KIND_RAW_TP, NULL, "tcp_destroy_sock" },
	{ "tp_set_state", TCPT_ATTACH_TRACEPOINT, false, KIND_TRACEPOINT, "sock", "inet_sock_set_state" },
	{ "rt_state_tp", TCPT_ATTACH_TRACEPOINT, false, KIND_RAW_TP, NULL, "inet_sock_set_state" },
	{ "tp_accept", TCPT_ATTACH_TRACEPOINT, false, KIND_TRACEPOINT, "syscalls", "sys_exit_accept" },
	{ "tp_accept4", TCPT_ATTACH_TRACEPOINT, false, KIND_TRACEPOINT, "syscalls", "sys_exit_accept4" },
};

static const char *const kind_names[] = {
	[KIND_KPROBE] = "kprobe",
	[KIND_RAW_TP] = "raw tracepoint",
	[KIND_TRACEPOINT] = "tracepoint",
};

TCPT_API const char *tcpt_attach_name(enum tcpt_attach attach)
{
	static const char *const names[] = {
		[TCPT_ATTACH_AUTO] = "auto",
		[TCPT_ATTACH_KPROBE] = "kprobe",
		[TCPT_ATTACH_TRACEPOINT] = "tracepoint",
	};

	return (size_t)attach < ARRAY_SIZE(names) ? names[attach] : NULL;
}

int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log)
{
	static const enum field walked[] = {
		F_SK_SHUTDOWN, F_SOCKET_SK,  F_FILE_PRIVATE_DATA,
		F_TASK_FILES,  F_FILES_FDT,  F_FDTABLE_FD,
	};

	for (int f = 0; f < FIELD_COUNT; f++)
		if (offsets->at[f] == OFFSET_UNSET)
			return log_error(log, -EINVAL, "the offset of %s is not known, nor that it is absent",
					 fields[f].key);
	if (mode != TCPT_ATTACH_TRACEPOINT)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(walked); i++)
		if (offsets->at[walked[i]] < 0)
			return log_error(log, -EOPNOTSUPP,
					 "tracepoint mode needs the offset of %s, which the document gives as absent",
					 fields[walked[i]].key);
	return 0;
}

int attach_records(enum tcpt_attach mode, struct records *records, const struct tcpt_log *log)
{
	static const struct {
		const char *category, *event, *field;
	} of[RECORD_FIELD_COUNT] = {
		[R_STATE_SKADDR] = { "sock", "inet_sock_set_state", "skaddr" },
		[R_STATE_OLDSTATE] = { "sock", "inet_sock_set_state", "oldstate" },
		[R_STATE_NEWSTATE] = { "sock", "inet_sock_set_state", "newstate" },
		[R_DESTROY_SKADDR] = { "tcp", "tcp_destroy_sock", "skaddr" },
		[R_EXIT_RET] = { "syscalls", "sys_exit_accept", "ret" },
	};

	for (int r = 0; r < RECORD_FIELD_COUNT; r++) {
		records->at[r] = -1;
		if (mode != TCPT_ATTACH_TRACEPOINT)
			continue;
		records->at[r] = tracefs_field_offset(of[r].category, of[r].event, of[r].field);
		if (records->at[r] < 0)
			return log_error(log, -EOPNOTSUPP,
					 "cannot read the format of tracepoint %s:%s from tracefs (%s); "
					 "run: mount -t tracefs tracefs /sys/kernel/tracing",
					 of[r].category, of[r].event, strerror(-records->at[r]));
	}
	return 0;
}

int attach_select(struct bpf_object *object, enum tcpt_attach mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		struct bpf_program *prog =
			bpf_object__find_program_by_name(object, hooks[i].program);

		if (!prog)
			return -ENOENT;
		bpf_program__set_autoload(prog, hooks[i].mode == mode);
	}
	return 0;
}

/* libbpf would look for the id in tracefs where it is mounted by custom; it need not be. */
static struct bpf_link *attach_tracepoint(struct bpf_program *prog, const struct hook *hook)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	int id = tracefs_event_id(hook->category, hook->target), fd;
	struct bpf_link *link;

	if (id < 0) {
		errno = -id;
		return NULL;
	}
	attr.config = id;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(prog, fd);
	if (!link)
		close(fd);
	return link;
}

static struct bpf_link *attach_hook(struct bpf_object *object, const struct hook *hook)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(object, hook->program);

	return hook->kind == KIND_TRACEPOINT ? attach_tracepoint(prog, hook) :
					       bpf_program__attach(prog);
}

static int explain_failure(const struct hook *hook, int err, const struct tcpt_log *log)
{
	if (err == -EPERM || (err == -EACCES && geteuid()))
		return log_error(log, -EPERM, "may not attach to %s %s: %s; run as root",
				 kind_names[hook->kind], hook->target, strerror(-err));
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return log_error(log, err, "cannot attach to %s %s: %s", kind_names[hook->kind],
				 hook->target, strerror(-err));
	return log_error(log, -EOPNOTSUPP, "this kernel has no %s %s to attach to (%s)",
			 kind_names[hook->kind], hook->target, strerror(-err));
}

int attach_programs(struct bpf_object *object, enum tcpt_attach mode, struct links *links,
		    const struct tcpt_log *log)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		struct bpf_link *link;

		if (hooks[i].mode != mode)
			continue;
		link = attach_hook(object, &hooks[i]);
		if (!link && hooks[i].optional) {
			log_debug(log, "no %s %s here: %s", kind_names[hooks[i].kind],
				  hooks[i].target, strerror(errno));
			continue;
		}
		if (!link)
			return explain_failure(&hooks[i], -errno, log);
		links->of[links->count].name = hooks[i].program;
		links->of[links->count++].link = link;
	}
	return 0;
}

void links_destroy(struct links *links)
{
	while (links->count)
		bpf_link__destroy(links->of[--links->count].link);
}
