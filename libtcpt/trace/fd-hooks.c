// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hooks that serve watched processes alone, as those of fcntl() and dup2(). Every
 * process of the host passes them. So they are attached when the first process is watched,
 * before the switch is turned on, and detached after the last, when it is off. Their
 * programs are loaded and pinned with the others (DIR/progs); each link has its own pin
 * (DIR/links).
 *
 * A trace whose links a keeper has is attached to all of its hooks from the load on: the
 * links of many kernels that need a keeper cannot be pinned afterwards either.
 *
 * New programs of a replacement are attached to all of their hooks too. When they have taken
 * over, the editor who comes next, which is the replacement itself, detaches what nobody
 * needs. So whoever edits meanwhile meets hooks that are there.
 */
#include <bpf/bpf.h>

#include "attach/attach.h"
#include "attach/hooks.h"
#include "attach/links.h"
#include "internal.h"
#include "trace/fd-hooks.h"

bool fd_hooks_are_wanted(const struct tcpt_filter *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].key == TCPT_FILTER_WATCH)
			return true;
	return false;
}

static bool is_pinned(const struct fd_hooks *hooks, const char *part, const char *name)
{
	return !access(pin_join(hooks->dir, part, name).text, F_OK);
}

/* ---- attaching ---- */

/* A hook may be lacking. Else this process is not allowed to use it, or it is out of something. */
static bool is_lacking(int err)
{
	return err != -EPERM && err != -EACCES && err != -EMFILE && err != -ENFILE &&
	       err != -ENOMEM && err != -EINTR;
}

static int attach(const struct fd_hooks *hooks, const struct links *links, unsigned int i)
{
	struct pin_path path = pin_join(hooks->dir, "links", links->of[i].name);
	int prog = bpf_obj_get(pin_join(hooks->dir, "progs", links->of[i].hook->program).text);
	int link, err = 0;

	if (prog < 0)
		return -errno;
	link = links_attach(links, i, prog);
	close(prog);
	if (link < 0)
		return link;
	if (bpf_obj_pin(link, path.text))
		err = -errno;
	close(link);
	return err;
}

/* Attaches one hook, of which there may be several variants. */
static int attach_hook(const struct fd_hooks *hooks, const struct hook *hook,
		       const struct tcpt_log *log)
{
	struct links links = {};
	struct hook_text name;
	int err = links_open(hook, NULL, &links, log);

	for (unsigned int i = 0; !err && i < links.count; i++)
		if (!is_pinned(hooks, "links", links.of[i].name))
			err = attach(hooks, &links, i);
	links_destroy(&links);
	if (!err)
		return 0;
	if (!is_lacking(err))
		return attach_explain(hook, err, log);
	log_debug(log, "no %s here: %s", hook_name(hook, &name), strerror(-err));
	return hook->reports_fds ? attach_explain(hook, err, log) : 0;
}

int fd_hooks_attach(const struct fd_hooks *hooks, const struct tcpt_log *log)
{
	int err = 0;

	if (hooks->mode == TCPT_ATTACH_AUTO)
		return 0;
	for (const struct hook *hook = hooks_of(hooks->mode); !err && hook->program; hook++)
		if (hook->for_fds && is_pinned(hooks, "progs", hook->program))
			err = attach_hook(hooks, hook, log);
	return err;
}

/* ---- detaching ---- */

/* Removes the link of a hook, and those of its further variants. */
static void detach_hook(const struct fd_hooks *hooks, const struct hook *hook)
{
	char name[24];

	snprintf(name, sizeof(name), "%.16s", hook->program);
	for (unsigned int n = 2; !unlink(pin_join(hooks->dir, "links", name).text); n++)
		snprintf(name, sizeof(name), "%.16s_%u", hook->program, n);
}

void fd_hooks_detach(const struct fd_hooks *hooks)
{
	if (hooks->mode == TCPT_ATTACH_AUTO)
		return;
	for (const struct hook *hook = hooks_of(hooks->mode); hook->program; hook++)
		if (hook->for_fds)
			detach_hook(hooks, hook);
}
