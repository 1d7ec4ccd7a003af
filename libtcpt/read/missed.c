// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The misses of a pinned trace's programs: the kernel did not run them. */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>

#include "attach/attach.h"
#include "attach/hooks.h"
#include "attach/kprobe.h"
#include "base/advice.h"
#include "base/arguments.h"
#include "base/knobs.h"
#include "base/tracefs.h"
#include "internal.h"
#include "maps/facts.h"
#include "pins/meta-open.h"
#include "pins/pin.h"
#include "pins/pins.h"
#include "pins/trust.h"
#include "read/missed.h"

/*
 * This is the kernel's answer about a link to a perf event of a kprobe (Linux 6.6, with
 * missed 6.7). Kernels fill in what they know of and leave the rest zero.
 */
struct kprobe_link_info {
	struct {
		__u32 type, id, prog_id, pad;
	} link;
	__u32 perf_type; /* 0 before Linux 6.6 */
	__u32 pad;
	__u64 func_name;
	__u32 name_len, offset;
	__u64 addr, missed;
	__u64 room[16];
};

#define LINK_TYPE_PERF_EVENT 7
#define PERF_TYPE_KPROBE 3
#define PERF_TYPE_KRETPROBE 4

/* Asks a link. The answer of a kernel that does not count misses is too short for them. */
static void ask_link(int fd, struct tcpt_missed *missed)
{
	struct kprobe_link_info info = {};
	__u32 size = sizeof(info);

	if (!facts_is_kind(fd, "link") ||
	    bpf_obj_get_info_by_fd(fd, (struct bpf_link_info *)&info, &size))
		return;
	if (info.link.type != LINK_TYPE_PERF_EVENT ||
	    size <= offsetof(struct kprobe_link_info, missed) ||
	    (info.perf_type != PERF_TYPE_KPROBE && info.perf_type != PERF_TYPE_KRETPROBE))
		return;
	missed->has_calls = true;
	missed->calls += info.missed;
}

/* Reads tracefs' counts of the named kprobes on a function: "  EVENT  HITS  MISSED". */
static void ask_tracefs(const struct hook *hook, struct tcpt_missed *missed)
{
	int fd = tracefs_open("kprobe_profile", O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL, event[128];
	uint64_t hits, count;
	size_t size = 0;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (getline(&line, &size, file) > 0)
		if (sscanf(line, " %127s %" SCNu64 " %" SCNu64, event, &hits, &count) == 3 &&
		    kprobe_is_on(event, hook->target)) {
			missed->has_calls = true;
			missed->calls += count;
		}
	free(line);
	fclose(file);
}

static int open_pin(const char *dir, const char *part, const char *name)
{
	char path[PIN_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, part, name);
	return bpf_obj_get(path);
}

/* Asks all links of a program. A function with several variants has a link for each. */
static void ask_links(const char *dir, const struct hook *hook, struct tcpt_missed *missed)
{
	char name[24];
	int link;

	snprintf(name, sizeof(name), "%s", hook->program);
	for (unsigned int n = 2; (link = open_pin(dir, "links", name)) >= 0; n++) {
		ask_link(link, missed);
		close(link);
		snprintf(name, sizeof(name), "%s_%u", hook->program, n);
	}
}

/*
 * Asks a program. The kernel's answer for a map or a link would pass for its figures. Before
 * Linux 4.13 it has no answer.
 */
static int ask_prog(int prog, struct bpf_prog_info *info, __u32 *size)
{
	if (!facts_is_kind(prog, "prog"))
		return -EPROTO;
	if (!knob_without("getinfo") && !bpf_obj_get_info_by_fd(prog, info, size))
		return 0;
	*size = 0;
	return knob_without("getinfo") || errno == EINVAL ? 0 : -errno;
}

static int ask(const char *dir, const struct hook *hook, struct tcpt_missed *missed)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int prog = open_pin(dir, "progs", hook->program), err;

	if (prog < 0)
		return -errno;
	memset(missed, 0, sizeof(*missed));
	missed->program = hook->program;
	err = ask_prog(prog, &info, &size);
	close(prog);
	if (err)
		return err;
	missed->has_runs = size > offsetof(struct bpf_prog_info, recursion_misses);
	missed->runs = info.recursion_misses;
	if (hook->kind != KIND_KPROBE && hook->kind != KIND_KRETPROBE)
		return 0;
	ask_links(dir, hook, missed);
	if (!missed->has_calls)
		ask_tracefs(hook, missed);
	return 0;
}

/* Returns true if the program is listed already; some programs are in two modes. */
static bool is_met(const struct tcpt_missed *missed, size_t count, const struct hook *hook)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(missed[i].program, hook->program))
			return true;
	return false;
}

/* Checks that there is a trace. At the default place none is needed, so no message says so. */
static int find_trace(const char *dir, bool is_named, const struct tcpt_log *log)
{
	int err = trust_trace(dir, log);

	if (err)
		return err;
	err = pin_check(dir);
	if (err == -ENOENT)
		return is_named ? log_error(log, err, "no trace is loaded at %s", dir) : err;
	return err ? meta_open_explain(err, dir, log) : 0;
}

/* Adds what this hook's program has missed, if it is one of the trace's. */
static int add(const char *dir, const struct hook *hook, struct tcpt_missed *missed, size_t *count,
	       const struct tcpt_log *log)
{
	int err = is_met(missed, *count, hook) ? -ENOENT : ask(dir, hook, &missed[*count]);

	*count += !err;
	if (!err || err == -ENOENT)
		return 0;
	if (err == -EACCES)
		return err;
	if (err != -EPROTO)
		return meta_open_explain(err, dir, log);
	return log_error(
		log, err,
		"%s/progs/%s is not a program; run tcpt-unload%s, then load the trace anew", dir,
		hook->program, advice_pin(dir).text);
}

int missed_list(const char *dir, struct tcpt_missed *missed, size_t max, const struct tcpt_log *log)
{
	size_t count = 0;
	int err = 0;

	for (int mode = TCPT_ATTACH_AUTO + 1; mode <= ATTACH_MODES; mode++)
		for (const struct hook *hook = hooks_of(mode); hook->program; hook++)
			if (!err && count < max)
				err = add(dir, hook, missed, &count, log);
	return err ? err : (int)count;
}

TCPT_API int tcpt_missed_read(const char *pin, struct tcpt_missed *missed, size_t max,
			      const struct tcpt_log *log)
{
	char dir[PIN_MAX];
	int err = max ? argument_check(missed, "place for the figures", log) : 0;

	if (!err)
		err = pins_normalise(dir, pin, log);
	if (!err)
		err = find_trace(dir, pin != NULL, log);
	if (err)
		return err;
	err = missed_list(dir, missed, max, log);
	return err == -EACCES ? meta_open_explain(err, dir, log) : err;
}
