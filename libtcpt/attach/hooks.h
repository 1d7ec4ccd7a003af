/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hooks of each attach mode. */
#ifndef TCPT_HOOKS_H
#define TCPT_HOOKS_H

#include "tcpt.h"

enum hook_kind {
	KIND_KPROBE,
	KIND_KRETPROBE, /* up to here: kprobes and kretprobes */
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_RAW_TP,
	KIND_TP_BTF,
	KIND_TRACEPOINT,
	KIND_CGROUP, /* of the root of the hierarchy */
};

enum hook_need {
	HOOK_REQUIRED,
	HOOK_OPTIONAL, /* it reports what others miss, and may be lacking */
	HOOK_WITNESS, /* it may be lacking too, but then the programs must know */
	HOOK_FALLBACK, /* it stands in for the hook before it that is no fallback */
};

struct hook {
	const char *program; /* in bpf/trace.bpf.c */
	enum hook_need need;
	enum hook_kind kind;
	const char *category; /* of a tracepoint */
	const char *target;
	unsigned int args; /* number of the function's arguments; 0: any */
	const char *unless_calls; /* a hooked function: one hook is enough if this calls it */
	bool needs_cookie; /* its program finds the sock's entry by the cookie, which it reads */
	bool for_fds; /* it is attached only while a process is watched, see trace/fd-hooks.h */
	bool reports_fds; /* its program reports new descriptors, those of accept() among them */
};

/* Returns the hooks of a mode in the order of attaching; the last one has no program. */
const struct hook *hooks_of(enum tcpt_attach mode);

/* Returns the hooks that see processes, in any mode, in the same way. */
const struct hook *hooks_of_processes(void);

/*
 * This is one walk over the hooks of a mode. At first all is zero but the mode. The
 * caller tries each hook and puts the result in err, which decides what comes next.
 */
struct hook_walk {
	enum tcpt_attach mode;
	const struct hook *at;
	int err; /* why the present hook cannot be used, or 0 */
	const struct hook *lacking; /* the hook that the present one stands in for, or NULL */
	int why; /* the err of that hook */
};

/*
 * Returns the next hook to try, or NULL at the end. Then lacking is the required hook for
 * which nothing stands in; NULL if the mode has all that it needs.
 */
const struct hook *hooks_next(struct hook_walk *walk);

/* Returns true if the mode has a program that reports new descriptors, and is_there finds it. */
bool hooks_report_fds(enum tcpt_attach mode, bool (*is_there)(const void *arg, const char *program),
		      const void *arg);

struct hook_text {
	char text[96];
};

const char *hook_kind_name(enum hook_kind kind);
/* Writes the target into buf, with the category of a tracepoint, and returns buf's text. */
const char *hook_target(const struct hook *hook, struct hook_text *buf);
/* Writes the kind and the target into buf, and returns buf's text. */
const char *hook_name(const struct hook *hook, struct hook_text *buf);
/* Returns true if a test wants this hook to be lacking. */
bool hook_is_denied(const struct hook *hook);

#endif
