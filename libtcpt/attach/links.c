// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The links of a trace's programs, from opening a hook to ending its link. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach/hooks.h"
#include "attach/kprobe.h"
#include "attach/links.h"
#include "attach/perf.h"
#include "base/symbols.h"
#include "internal.h"

static int add_link(struct links *links, const struct hook *hook, int perf)
{
	unsigned int n = 0;

	if (links->count == LINKS_MAX) {
		if (perf >= 0)
			close(perf);
		return -E2BIG;
	}
	for (unsigned int i = 0; i < links->count; i++)
		n += !strcmp(links->of[i].hook->program, hook->program);
	links->of[links->count].hook = hook;
	links->of[links->count].perf = perf;
	snprintf(links->of[links->count].name, sizeof(links->of[0].name), n ? "%.16s_%u" : "%.16s",
		 hook->program, n + 1);
	links->count++;
	return 0;
}

/*
 * Opens a function by its name, or by its address if the name is not enough. Linux 4.19 says
 * EINVAL to a name with a dot.
 */
static int open_symbol(const struct hook *hook, const char *name, uint64_t address)
{
	bool is_return = hook->kind == KIND_KRETPROBE;
	int fd = name ? kprobe_open(name, 0, is_return) : -ENOENT;

	if ((fd == -ENOENT || fd == -EADDRNOTAVAIL || fd == -EINVAL) && address)
		fd = kprobe_open(NULL, address, is_return);
	return fd;
}

/*
 * Opens all variants of a function, because only together they take all calls. Linux 6.6
 * and later refuse a name that several functions have.
 */
static int open_renamed(const struct hook *hook, const struct symbols *symbols, struct links *links,
			int err, const struct tcpt_log *log)
{
	if (err == -EADDRNOTAVAIL && symbols->globals == 1) {
		int fd = open_symbol(hook, NULL, symbols->address);

		return fd < 0 ? fd : add_link(links, hook, fd);
	}
	for (unsigned int i = 0; i < symbols->count; i++) {
		int fd = open_symbol(hook, symbols->of[i].name, symbols->of[i].address);

		if (fd < 0)
			return fd;
		log_debug(log, "%s is called %s here", hook->target, symbols->of[i].name);
		err = add_link(links, hook, fd);
	}
	return err;
}

static int open_kprobe(const struct hook *hook, const struct symbols *known, struct links *links,
		       const struct tcpt_log *log)
{
	int fd = hook_is_denied(hook) ? -ENOENT : open_symbol(hook, hook->target, 0);

	if (fd == -ENOENT || fd == -EADDRNOTAVAIL) {
		struct symbols symbols = { .wanted = hook->target };

		if (!known && !symbols_find(&symbols, 1))
			known = &symbols;
		return known ? open_renamed(hook, known, links, fd, log) : fd;
	}
	return fd < 0 ? fd : add_link(links, hook, fd);
}

int links_open(const struct hook *hook, const struct symbols *known, struct links *links,
	       const struct tcpt_log *log)
{
	int perf = -1;

	if (hook->kind <= KIND_KRETPROBE)
		return open_kprobe(hook, known, links, log);
	if (hook_is_denied(hook))
		return -ENOENT;
	if (hook->kind == KIND_TRACEPOINT) {
		perf = perf_open_tracepoint(hook->category, hook->target);
		if (perf < 0)
			return perf;
	}
	return add_link(links, hook, perf);
}

int links_attach(const struct links *links, unsigned int i, int prog)
{
	int perf = links->of[i].perf;
	int link = perf < 0 ? bpf_raw_tracepoint_open(NULL, prog) :
			      bpf_link_create(prog, perf, BPF_PERF_EVENT, NULL);

	return link < 0 ? -errno : link;
}

bool links_have(const struct links *links, const char *target)
{
	for (unsigned int i = 0; i < links->count; i++)
		if (!strcmp(links->of[i].hook->target, target))
			return true;
	return false;
}

void links_cut(struct links *links, unsigned int first)
{
	bool has_kprobes = false;

	while (links->count > first) {
		links->count--;
		has_kprobes |= links->of[links->count].hook->kind <= KIND_KRETPROBE;
		if (links->of[links->count].perf >= 0)
			close(links->of[links->count].perf);
		bpf_link__destroy(links->of[links->count].link);
	}
	if (has_kprobes)
		kprobe_tidy();
}

void links_destroy(struct links *links)
{
	links_cut(links, 0);
	memset(links, 0, sizeof(*links));
}
