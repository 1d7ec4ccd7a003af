/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs are attached to. */
#ifndef TCPT_HOOKS_H
#define TCPT_HOOKS_H

#include "tcpt.h"

enum hook_kind {
	KIND_KPROBE,
	KIND_KRETPROBE, /* up to here, probes */
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_RAW_TP,
	KIND_TP_BTF,
	KIND_TRACEPOINT,
};

enum hook_need {
	HOOK_REQUIRED,
	HOOK_OPTIONAL, /* repairs what others miss */
	HOOK_WITNESS, /* may be lacking too, but then the programs must know */
	HOOK_FALLBACK, /* stands in for the one before it that is of another kind of need */
};

struct hook {
	const char *program; /* in bpf/trace.bpf.c */
	enum hook_need need;
	enum hook_kind kind;
	const char *category; /* of a tracepoint */
	const char *target;
	unsigned int args; /* of the function, where that matters */
};

/* Returns the hooks of a mode in the order of attaching; the last one has no program. */
const struct hook *hooks_of(enum tcpt_attach mode);

/*
 * One walk over the hooks of a mode, zero but for the mode at first. Whoever walks
 * tries each hook and leaves in err what came of it: this decides which come next.
 */
struct hook_walk {
	enum tcpt_attach mode;
	const struct hook *at;
	int err; /* why the present one cannot be had, or 0 */
	const struct hook *lacking; /* what the present one stands in for, or NULL */
	int why; /* what err was for that */
};

/*
 * Returns the next hook to try, or NULL at the end: then lacking is the required
 * hook for which nothing stands in, or NULL where the mode has all that it needs.
 */
const struct hook *hooks_next(struct hook_walk *walk);

struct hook_text {
	char text[96];
};

const char *hook_kind_name(enum hook_kind kind);
/* These return buf's text. */
const char *hook_target(const struct hook *hook, struct hook_text *buf);
const char *hook_name(const struct hook *hook, struct hook_text *buf);
bool hook_is_denied(const struct hook *hook);

#endif
