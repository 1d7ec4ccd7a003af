// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaching the programs of a mode. */
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "attach/attach.h"
#include "attach/hooks.h"
#include "attach/kprobe.h"
#include "attach/links.h"
#include "attach/trial.h"
#include "base/caps.h"
#include "base/cgroup.h"
#include "base/tracefs.h"
#include "internal.h"
#include "offsets/btf.h"
#include "offsets/offsets.h"

#define NOT_PINNABLE (-KERNEL_ENOTSUPP)

const enum tcpt_attach attach_order[ATTACH_MODES] = {
	TCPT_ATTACH_KPROBE,
	TCPT_ATTACH_FENTRY,
	TCPT_ATTACH_TRACEPOINT,
	TCPT_ATTACH_CGROUP,
};

TCPT_API const char *tcpt_attach_name(enum tcpt_attach attach)
{
	static const char *const names[] = {
		[TCPT_ATTACH_AUTO] = "auto",	 [TCPT_ATTACH_KPROBE] = "kprobe",
		[TCPT_ATTACH_FENTRY] = "fentry", [TCPT_ATTACH_TRACEPOINT] = "tracepoint",
		[TCPT_ATTACH_CGROUP] = "cgroup",
	};

	return (size_t)attach < ARRAY_SIZE(names) ? names[attach] : NULL;
}

int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log)
{
	static const enum field walked[] = {
		F_SK_SHUTDOWN, F_SOCKET_SK, F_FILE_PRIVATE_DATA,
		F_TASK_FILES,  F_FILES_FDT, F_FDTABLE_FD,
	};

	int err = offsets_check_known(offsets, log);

	if (!err && mode != TCPT_ATTACH_CGROUP && offsets_are_none(offsets))
		return log_error(log, -EOPNOTSUPP,
				 "%s mode needs offsets; run: tcpt-guess | tcpt-load",
				 tcpt_attach_name(mode));
	if (err || mode != TCPT_ATTACH_TRACEPOINT)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(walked); i++)
		if (offsets->at[walked[i]] < 0)
			return log_error(log, -EOPNOTSUPP,
					 "tracepoint mode needs the offset of %s, which the "
					 "document gives as absent",
					 fields[walked[i]].key);
	return 0;
}

static int explain_tracefs(int err, const char *category, const char *event,
			   const struct tcpt_log *log)
{
	return log_error(log, err == -EPERM || err == -EACCES ? -EPERM : -EOPNOTSUPP,
			 "cannot read the format of tracepoint %s:%s: %s", category, event,
			 tracefs_explain(err));
}

/* Connections are seen by records of tracepoints in some modes, and processes in all. */
static bool is_read(int record, enum tcpt_attach mode, bool processes)
{
	if (record >= R_NEWTASK_PID)
		return processes;
	return mode != TCPT_ATTACH_KPROBE && mode != TCPT_ATTACH_CGROUP;
}

int attach_records(enum tcpt_attach mode, bool processes, struct records *records,
		   const struct tcpt_log *log)
{
	static const struct {
		const char *category, *event, *field;
	} of[R_GENERATION] = {
		[R_STATE_SKADDR] = { "sock", "inet_sock_set_state", "skaddr" },
		[R_STATE_OLDSTATE] = { "sock", "inet_sock_set_state", "oldstate" },
		[R_STATE_NEWSTATE] = { "sock", "inet_sock_set_state", "newstate" },
		[R_DESTROY_SKADDR] = { "tcp", "tcp_destroy_sock", "skaddr" },
		[R_ENTER_ARG0] = { "syscalls", "sys_enter_fcntl", "fd" },
		[R_ENTER_ARG1] = { "syscalls", "sys_enter_fcntl", "cmd" },
		[R_EXIT_RET] = { "syscalls", "sys_exit_accept4", "ret" },
		[R_NEWTASK_PID] = { "task", "task_newtask", "pid" },
		[R_NEWTASK_FLAGS] = { "task", "task_newtask", "clone_flags" },
		[R_EXEC_FILENAME] = { "sched", "sched_process_exec", "filename" },
	};

	for (int r = 0; r < R_GENERATION; r++) {
		records->at[r] = -1;
		if (!is_read(r, mode, processes))
			continue;
		records->at[r] = tracefs_field_offset(of[r].category, of[r].event, of[r].field);
		if (records->at[r] < 0 && (mode == TCPT_ATTACH_TRACEPOINT || r >= R_NEWTASK_PID))
			return explain_tracefs(records->at[r], of[r].category, of[r].event, log);
	}
	return 0;
}

/* ---- before the programs are loaded ---- */

/* Checks the number of arguments: a fexit program finds the result behind them. */
static int check_args(const struct hook *hook)
{
	int args = hook->args ? kernel_function_args(hook->target) : 0;

	return args < 0 ? args : (unsigned int)args == hook->args ? 0 : -ENOENT;
}

static int check_loaded(int prog)
{
	if (prog < 0)
		return prog;
	close(prog);
	return 0;
}

/*
 * Checks that what attaches a program to a perf event can be pinned: that it is a link. The
 * answer is the same for all perf events.
 */
static int check_pinnable(struct links *links, int perf, unsigned int type)
{
	int err = links->are_pinnable ? 0 : trial_perf(type, perf, &links->are_pinnable);

	return err ? err : links->are_pinnable ? 0 : NOT_PINNABLE;
}

/* Checks a hook as far as that is possible before the program is loaded. */
static int check(struct bpf_program *prog, const struct hook *hook, struct links *links, bool hold)
{
	int perf = links->of[links->count - 1].perf;

	if (hook->kind == KIND_TP_BTF)
		return check_loaded(trial_cookie(hook->target));
	if (hook->kind == KIND_CGROUP)
		return trial_cgroup(hook->target);
	if (hook->kind == KIND_RAW_TP)
		return check_loaded(trial_raw_tp());
	if (hook->kind == KIND_FENTRY || hook->kind == KIND_FEXIT)
		return check_args(hook) ?: bpf_program__set_attach_target(prog, 0, hook->target);
	return perf < 0 || hold ? 0 : check_pinnable(links, perf, bpf_program__type(prog));
}

/* A function that the hook's function calls is hooked already. */
static bool is_superfluous(const struct hook *hook, const struct links *links)
{
	return hook->unless_calls && links_have(links, hook->unless_calls) &&
	       kprobe_is_passed_by_pipe(hook->unless_calls);
}

static int prepare(struct bpf_object *object, const struct hook *hook, struct links *links,
		   bool hold, bool has_cookie, const struct tcpt_log *log)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(object, hook->program);
	unsigned int before = links->count;
	int err = !prog || (hook->needs_cookie && !has_cookie) ? -ENOENT :
		  is_superfluous(hook, links)		       ? -EALREADY :
								 0;

	if (!err)
		err = links_open(hook, NULL, links, log);
	if (!err)
		err = check(prog, hook, links, hold);
	if (err)
		links_cut(links, before);
	else
		bpf_program__set_autoload(prog, true);
	return err;
}

bool attach_is_lack(const struct hook *hook, int err)
{
	/* To bpf(2), or a part of its argument; or to name_to_handle_at(2) of a cgroup. */
	bool is_unknown = err == -EINVAL || err == -E2BIG || err == -EOPNOTSUPP;

	return err == -ENODEV || err == -ENOSYS || (is_unknown && hook->kind == KIND_CGROUP);
}

const char *attach_explain_lack(const struct hook *hook, int err)
{
	bool is_by_tracefs = err == -ENOSYS || hook->kind == KIND_TRACEPOINT;

	if (hook->kind == KIND_CGROUP)
		return err == -ENODEV ? "this kernel has no cgroup hierarchy of version 2" :
					"this kernel has no links of such programs (Linux 5.9)";
	if (hook->kind == KIND_RAW_TP)
		return trial_tracing() ?
			       "this kernel has no programs of raw tracepoints (Linux 4.17)" :
			       "this kernel has no programs of tracepoints (CONFIG_BPF_EVENTS)";
	return is_by_tracefs ? tracefs_explain(err) : "this kernel has no kprobes";
}

int attach_explain(const struct hook *hook, int err, const struct tcpt_log *log)
{
	const char *lacking = caps_for_perf();
	struct hook_text name;

	hook_name(hook, &name);
	if (err == -EPERM || err == -EACCES)
		return log_error(log, -EPERM, "not permitted to attach to %s: %s%s%s", name.text,
				 strerror(-err), lacking ? "; run as root or with " : "",
				 lacking ? lacking : "");
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return log_error(log, err, "cannot attach to %s: %s", name.text, strerror(-err));
	if (err == -EXDEV)
		return log_error(log, -EOPNOTSUPP,
				 "cannot attach to %s: this is a cgroup namespace, which shows a "
				 "part of the hierarchy; run it outside of the container",
				 name.text);
	if (attach_is_lack(hook, err))
		return log_error(log, -EOPNOTSUPP, "no %s: %s", name.text,
				 attach_explain_lack(hook, err));
	if (err == NOT_PINNABLE)
		return log_error(log, -EOPNOTSUPP,
				 "cannot pin a link to %s: this kernel cannot pin such links (BPF "
				 "perf links, Linux 5.15); use --hold",
				 name.text);
	return log_error(log, -EOPNOTSUPP, "this kernel has no %s to attach to (%s)", name.text,
			 strerror(-err));
}

static void note_absence(const struct hook *hook, int err, const struct tcpt_log *log)
{
	struct hook_text name;

	log_debug(log, "no %s here: %s", hook_name(hook, &name),
		  err == NOT_PINNABLE ? "its link could not be pinned" :
		  err == -EALREADY    ? "all its calls pass another hook" :
					strerror(-err));
}

/* Returns the name of the program that existing-announce.c uses, or one of none. */
static const char *choose_announcer(void)
{
	if (!trial_run())
		return "announce";
	if (!check_loaded(trial_raw_tp()))
		return "announce_called";
	return trial_run_packet() ? "" : "announce_packet";
}

/* Selects no other program. */
static void select_none(struct bpf_object *object)
{
	const char *announcer = choose_announcer();
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), announcer));
}

int attach_prepare(struct bpf_object *object, enum tcpt_attach mode, bool hold, bool has_cookie,
		   struct links *links, const struct tcpt_log *log)
{
	struct hook_walk walk = { .mode = mode };
	const struct hook *hook;

	select_none(object);
	while ((hook = hooks_next(&walk))) {
		walk.err = prepare(object, hook, links, hold, has_cookie, log);
		if (walk.err)
			note_absence(hook, walk.err, log);
	}
	return walk.lacking ? attach_explain(walk.lacking, walk.why, log) : 0;
}

int attach_prepare_processes(struct bpf_object *object, bool hold, struct links *links,
			     const struct tcpt_log *log)
{
	int err = 0;

	for (const struct hook *hook = hooks_of_processes(); !err && hook->program; hook++) {
		err = prepare(object, hook, links, hold, false, log);
		if (err)
			err = attach_explain(hook, err, log);
	}
	return err;
}

/* ---- afterwards ---- */

static struct bpf_link *attach_cgroup(const struct bpf_program *prog)
{
	int root = cgroup_open_root(), err;
	struct bpf_link *link;

	if (root < 0) {
		errno = -root;
		return NULL;
	}
	link = bpf_program__attach_cgroup(prog, root);
	err = errno;
	close(root);
	errno = err;
	return link;
}

/*
 * Attaches one program. It does not use libbpf's own way to a perf event, which needs
 * tracefs to be mounted at the usual place.
 */
static struct bpf_link *attach_link(struct bpf_object *object, unsigned int i, struct links *links)
{
	const struct hook *hook = links->of[i].hook;
	struct bpf_program *prog = bpf_object__find_program_by_name(object, hook->program);
	struct bpf_link *link;

	if (hook->kind == KIND_CGROUP)
		return attach_cgroup(prog);
	if (links->of[i].perf < 0)
		return bpf_program__attach(prog);
	link = bpf_program__attach_perf_event(prog, links->of[i].perf);
	if (link)
		links->of[i].perf = -1; /* the link has it now */
	return link;
}

int attach_programs(struct bpf_object *object, struct links *links, bool fds,
		    const struct tcpt_log *log)
{
	for (unsigned int i = 0; i < links->count; i++) {
		const struct hook *hook = links->of[i].hook;

		if (hook->for_fds && !fds)
			continue;
		links->of[i].link = attach_link(object, i, links);
		if (links->of[i].link)
			continue;
		if (hook->need != HOOK_OPTIONAL)
			return attach_explain(hook, -errno, log);
		note_absence(hook, -errno, log);
	}
	return 0;
}
