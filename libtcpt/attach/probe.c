// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Probing: which hooks this kernel has. Each hook is tried with a program that does
 * nothing. The result says which modes work.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>

#include "attach/attach.h"
#include "attach/hooks.h"
#include "attach/links.h"
#include "attach/trial.h"
#include "base/caps.h"
#include "base/symbols.h"
#include "internal.h"

#define ROWS_MAX 48
#define NOTE_MAX 512

/* A hook, and the modes that use it. */
struct row {
	const struct hook *hook; /* its first line in the table */
	struct tcpt_hook public;
	enum tcpt_use use[ATTACH_MODES + 1]; /* by enum tcpt_attach */
	struct hook_text target;
	char note[NOTE_MAX];
};

struct tcpt_probe {
	unsigned int count;
	struct row rows[ROWS_MAX];
	struct symbols symbols[ROWS_MAX]; /* of the rows that are kprobes */
	struct tcpt_mode modes[ATTACH_MODES + 1];
	char why[ATTACH_MODES + 1][NOTE_MAX];
	char obstacle[NOTE_MAX]; /* why no mode can work */
	enum tcpt_store store;
	bool is_mapped, is_split;
	struct btf *btf;
};

/* ---- trying ---- */

/*
 * Returns true if fd is a link, since only a link can be pinned. Older kernels attach a
 * program by its perf event, or by a descriptor that is no link.
 */
static bool is_link(int fd)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &size);
}

static int try_raw(const char *name, int prog, bool *pinnable)
{
	int link, err = 0;

	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(name, prog);
	if (link < 0)
		err = -errno;
	close(prog);
	if (err)
		return err;
	*pinnable = is_link(link);
	close(link);
	return 0;
}

static bool is_of_btf(const struct hook *hook)
{
	return hook->kind == KIND_FENTRY || hook->kind == KIND_FEXIT || hook->kind == KIND_TP_BTF;
}

static int load_trampoline(const struct btf *btf, const struct hook *hook)
{
	int id = btf__find_by_name_kind(btf, hook->target, BTF_KIND_FUNC);
	const struct btf_type *type;

	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (hook->args && hook->args != btf_vlen(type))
		return -ENOENT;
	return trial_load(BPF_PROG_TYPE_TRACING,
			  hook->kind == KIND_FENTRY ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT, id);
}

/* Loads a program for a hook that takes no perf event. */
static int load(const struct btf *btf, const struct hook *hook)
{
	if (hook->kind == KIND_RAW_TP)
		return trial_raw_tp();
	if (!btf)
		return -ENODATA;
	return hook->kind == KIND_TP_BTF ? trial_cookie(hook->target) : load_trampoline(btf, hook);
}

static int try(struct tcpt_probe *probe, struct row *row, const struct hook *hook, bool *pinnable)
{
	unsigned int type = hook->kind == KIND_TRACEPOINT ? BPF_PROG_TYPE_TRACEPOINT :
							    BPF_PROG_TYPE_KPROBE;
	struct links links = {};
	int err;

	if (hook->kind == KIND_CGROUP) {
		*pinnable = true; /* they are links, or cannot be attached */
		return hook_is_denied(hook) ? -ENOENT : trial_cgroup(hook->target);
	}
	err = links_open(hook, &probe->symbols[row - probe->rows], &links, NULL);

	for (unsigned int i = 0; !err && i < links.count; i++) {
		int perf = links.of[i].perf;

		err = perf >= 0 ? trial_perf(type, perf, pinnable) :
				  try_raw(is_of_btf(hook) ? NULL : hook->target,
					  load(probe->btf, hook), pinnable);
	}
	links_destroy(&links);
	return err;
}

/* ---- a row ---- */

static void note_variants(struct row *row, const struct symbols *symbols, const char *before,
			  const char *after)
{
	size_t at = snprintf(row->note, NOTE_MAX, "%s", before);

	for (unsigned int i = 0; i < symbols->count && at < NOTE_MAX; i++)
		at += snprintf(row->note + at, NOTE_MAX - at, "%s%s", i ? ", " : "",
			       symbols->of[i].name);
	if (at < NOTE_MAX)
		snprintf(row->note + at, NOTE_MAX - at, "%s", after);
}

static void note_failure(struct row *row, int err)
{
	if (attach_is_lack(row->hook, err))
		snprintf(row->note, NOTE_MAX, "%s", attach_explain_lack(row->hook, err));
	else if (err == -ENODATA)
		snprintf(row->note, NOTE_MAX, "this kernel has no BTF");
	else if (err == -ENOENT && is_of_btf(row->hook))
		snprintf(row->note, NOTE_MAX, "not in the kernel's BTF, or with other arguments");
	else if (err == -KERNEL_ENOTSUPP)
		snprintf(row->note, NOTE_MAX, "not supported");
	else if (err != -ENOENT)
		snprintf(row->note, NOTE_MAX, "%s", strerror(-err));
}

static void judge(struct row *row, const struct symbols *symbols, int err)
{
	bool has_name = symbols->exact && !hook_is_denied(row->hook);

	row->note[0] = '\0';
	row->public.state = TCPT_HOOK_THERE;
	if (err)
		row->public.state = err == -ENOENT || err == -ENODATA ||
						    attach_is_lack(row->hook, err) ?
					    TCPT_HOOK_MISSING :
					    TCPT_HOOK_DENIED;
	else if (symbols->count && !has_name)
		row->public.state = TCPT_HOOK_RENAMED;
	if (err)
		note_failure(row, err);
	else if (symbols->count && has_name)
		note_variants(row, symbols, "", " is part of it, or a copy; not attached to");
	else if (symbols->count)
		note_variants(row, symbols, "is called ", "");
	row->public.note = row->note[0] ? row->note : NULL;
}

static void probe_row(struct tcpt_probe *probe, struct row *row, const struct hook *hook)
{
	const struct hook *first = row->hook;
	bool pinnable = false;
	int err;

	row->hook = hook;
	err = try(probe, row, hook, &pinnable);
	judge(row, &probe->symbols[row - probe->rows], err);
	row->public.pinnable = pinnable;
	row->hook = first;
}

static bool is_there(const struct row *row)
{
	return row->public.state == TCPT_HOOK_THERE || row->public.state == TCPT_HOOK_RENAMED;
}

static struct row *find_row(struct tcpt_probe *probe, const struct hook *hook)
{
	for (unsigned int i = 0; i < probe->count; i++)
		if (probe->rows[i].hook->kind == hook->kind &&
		    !strcmp(probe->rows[i].hook->target, hook->target))
			return &probe->rows[i];
	return NULL;
}

static void probe_mode(struct tcpt_probe *probe, enum tcpt_attach mode)
{
	for (const struct hook *hook = hooks_of(mode); hook->program; hook++) {
		struct row *row = find_row(probe, hook);

		if (row && (row->hook == hook || (hook->args && !is_there(row))))
			probe_row(probe, row, hook);
	}
}

static void collect(struct tcpt_probe *probe, enum tcpt_attach mode)
{
	static const enum tcpt_use uses[] = {
		[HOOK_REQUIRED] = TCPT_USE_REQUIRED,
		[HOOK_OPTIONAL] = TCPT_USE_OPTIONAL,
		[HOOK_WITNESS] = TCPT_USE_OPTIONAL,
		[HOOK_FALLBACK] = TCPT_USE_FALLBACK,
	};

	for (const struct hook *hook = hooks_of(mode); hook->program; hook++) {
		struct row *row = find_row(probe, hook);

		if (!row && probe->count < ROWS_MAX) {
			row = &probe->rows[probe->count];
			row->hook = hook;
			row->public.kind = hook_kind_name(hook->kind);
			row->public.target = hook_target(hook, &row->target);
			probe->symbols[probe->count++].wanted =
				hook->kind <= KIND_KRETPROBE ? hook->target : " ";
		}
		if (row && !row->use[mode])
			row->use[mode] = uses[hook->need];
	}
}

/* ---- a mode ---- */

static void explain_lack(struct tcpt_probe *probe, enum tcpt_attach mode, const struct row *row)
{
	const char *lacking = row->public.state == TCPT_HOOK_DENIED ? caps_for_perf() : NULL;
	struct hook_text name;

	snprintf(probe->why[mode], NOTE_MAX, "%s is %s%s%.300s%s%s", hook_name(row->hook, &name),
		 tcpt_hook_state_name(row->public.state), row->note[0] ? ": " : "", row->note,
		 lacking ? "; run as root or with " : "", lacking ? lacking : "");
	probe->modes[mode].why = probe->why[mode];
}

/*
 * Decides whether a mode works. Links of optional hooks need not be pinnable: a load leaves
 * out those that are not.
 */
static void judge_mode(struct tcpt_probe *probe, enum tcpt_attach mode)
{
	struct tcpt_mode *verdict = &probe->modes[mode];
	struct hook_walk walk = { .mode = mode };
	const struct hook *hook;

	verdict->pinnable = true;
	while ((hook = hooks_next(&walk))) {
		const struct hook *served = walk.lacking ? walk.lacking : hook;
		const struct row *row = find_row(probe, hook);

		walk.err = row && is_there(row) ? 0 : -ENOENT;
		if (!walk.err && served->need == HOOK_REQUIRED)
			verdict->pinnable &= row->public.pinnable;
	}
	verdict->works = !walk.lacking;
	verdict->pinnable &= verdict->works;
	if (walk.lacking)
		explain_lack(probe, mode, find_row(probe, walk.lacking));
}

/* What all modes need. */
static void probe_needs(struct tcpt_probe *probe)
{
	const char *lacking = caps_for_maps();
	int err = trial_array();

	probe->store = trial_ring() == -EINVAL ? TCPT_STORE_SLOTS : TCPT_STORE_RING;
	probe->is_mapped = err != -EINVAL;
	probe->is_split = trial_long() == -E2BIG;
	if (err != -EPERM)
		return;
	snprintf(probe->obstacle, NOTE_MAX, "not permitted to make BPF maps%s%s",
		 lacking ? "; run as root or with " : "", lacking ? lacking : "");
	for (size_t i = 0; i < ATTACH_MODES; i++) {
		struct tcpt_mode *mode = &probe->modes[attach_order[i]];

		mode->works = mode->pinnable = false;
		mode->why = probe->obstacle;
	}
}

/* ---- public ---- */

TCPT_API int tcpt_probe_run(struct tcpt_probe **out)
{
	struct tcpt_probe *probe = out ? calloc(1, sizeof(*probe)) : NULL;
	const struct tcpt_log *outer;

	if (!probe)
		return out ? -ENOMEM : -EINVAL;
	outer = log_capture_libbpf(NULL);
	for (int mode = TCPT_ATTACH_AUTO + 1; mode <= ATTACH_MODES; mode++)
		collect(probe, mode);
	symbols_find(probe->symbols, probe->count);
	probe->btf = btf__load_vmlinux_btf();
	for (int mode = TCPT_ATTACH_AUTO + 1; mode <= ATTACH_MODES; mode++)
		probe_mode(probe, mode);
	btf__free(probe->btf);
	for (int mode = TCPT_ATTACH_AUTO + 1; mode <= ATTACH_MODES; mode++)
		judge_mode(probe, mode);
	probe_needs(probe);
	log_release_libbpf(outer);
	*out = probe;
	return 0;
}

TCPT_API void tcpt_probe_free(struct tcpt_probe *probe)
{
	free(probe);
}

TCPT_API const struct tcpt_hook *tcpt_probe_hook(const struct tcpt_probe *probe, unsigned int i)
{
	return probe && i < probe->count ? &probe->rows[i].public : NULL;
}

TCPT_API enum tcpt_use tcpt_probe_use(const struct tcpt_probe *probe, unsigned int i,
				      enum tcpt_attach mode)
{
	return probe && i < probe->count && (unsigned int)mode <= ATTACH_MODES ?
		       probe->rows[i].use[mode] :
		       TCPT_USE_NONE;
}

TCPT_API const struct tcpt_mode *tcpt_probe_mode(const struct tcpt_probe *probe,
						 enum tcpt_attach mode)
{
	return probe && mode != TCPT_ATTACH_AUTO && (unsigned int)mode <= ATTACH_MODES ?
		       &probe->modes[mode] :
		       NULL;
}

TCPT_API enum tcpt_attach tcpt_probe_best(const struct tcpt_probe *probe, bool hold)
{
	for (size_t i = 0; probe && i < ATTACH_MODES; i++) {
		const struct tcpt_mode *mode = &probe->modes[attach_order[i]];

		if (mode->works && (hold || mode->pinnable))
			return attach_order[i];
	}
	return TCPT_ATTACH_AUTO;
}

TCPT_API enum tcpt_store tcpt_probe_store(const struct tcpt_probe *probe, bool *is_mapped)
{
	if (is_mapped)
		*is_mapped = probe && probe->is_mapped;
	return probe ? probe->store : TCPT_STORE_AUTO;
}

TCPT_API bool tcpt_probe_is_split(const struct tcpt_probe *probe)
{
	return probe && probe->is_split;
}

TCPT_API const char *tcpt_hook_state_name(enum tcpt_hook_state state)
{
	static const char *const names[] = {
		[TCPT_HOOK_THERE] = "there",
		[TCPT_HOOK_RENAMED] = "renamed",
		[TCPT_HOOK_MISSING] = "missing",
		[TCPT_HOOK_DENIED] = "denied",
	};

	return (size_t)state < ARRAY_SIZE(names) ? names[state] : NULL;
}
