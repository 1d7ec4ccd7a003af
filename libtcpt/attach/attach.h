/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attaching the programs of a mode. */
#ifndef TCPT_ATTACH_H
#define TCPT_ATTACH_H

#include "tcpt.h"

struct bpf_object;
struct hook;
struct links;
struct records;
struct tcpt_offsets;

/* Finds where this kernel's tracepoint records have the members that the programs read. */
int attach_records(enum tcpt_attach mode, bool processes, struct records *records,
		   const struct tcpt_log *log);
/*
 * Finds the mode's hooks, and selects the programs that will be loaded for them. Without
 * hold it takes only hooks whose links can be pinned; without has_cookie none whose program
 * needs the offset of a socket's cookie. Returns -EOPNOTSUPP, with a message,
 * if this kernel lacks a hook that is required.
 */
int attach_prepare(struct bpf_object *object, enum tcpt_attach mode, bool hold, bool has_cookie,
		   struct links *links, const struct tcpt_log *log);
/* Does the same for the hooks that see processes, all of which are required. */
int attach_prepare_processes(struct bpf_object *object, bool hold, struct links *links,
			     const struct tcpt_log *log);
/* Returns true if this error of a hook says that the kernel lacks what the hook is made of. */
bool attach_is_lack(const struct hook *hook, int err);
/* Returns what is missing then. */
const char *attach_explain_lack(const struct hook *hook, int err);
/*
 * Attaches the programs that were prepared, after they are loaded; with fds also those
 * that serve watched processes alone.
 */
int attach_programs(struct bpf_object *object, struct links *links, bool fds,
		    const struct tcpt_log *log);
/* Says why attaching to a hook has failed. Returns an error. */
int attach_explain(const struct hook *hook, int err, const struct tcpt_log *log);
/*
 * The modes are in this order: the one that misses and lacks least comes first; among
 * equals, the cheapest.
 */
#define ATTACH_MODES 4
extern const enum tcpt_attach attach_order[ATTACH_MODES];
/* Returns -EOPNOTSUPP, with a message, if the offsets lack a field that the mode reads. */
int attach_check_offsets(enum tcpt_attach mode, const struct tcpt_offsets *offsets,
			 const struct tcpt_log *log);

#endif
