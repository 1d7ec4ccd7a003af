/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The links of a trace's programs. */
#ifndef TCPT_LINKS_H
#define TCPT_LINKS_H

#include <stdbool.h>

struct bpf_link;
struct hook;
struct symbols;
struct tcpt_log;

#define LINKS_MAX 24

/* A zeroed one is empty. */
struct links {
	unsigned int count;
	bool are_pinnable; /* those to perf events; not known before one has been tried */
	struct {
		char name[24];
		const struct hook *hook;
		int perf; /* to attach a program to; -1: none, or the link has it */
		struct bpf_link *link; /* NULL: an optional one that could not be attached */
	} of[LINKS_MAX];
};
/*
 * Adds to links what a program is attached to: a probe or a tracepoint is opened,
 * a probe once for each variant of its function where that has another name. known
 * is what has been found out of the name, or NULL.
 */
int links_open(const struct hook *hook, const struct symbols *known, struct links *links,
	       const struct tcpt_log *log);
/* Whether a hook on this target is one of those prepared. */
bool links_have(const struct links *links, const char *target);
/* Ends and forgets the links from this one on. */
void links_cut(struct links *links, unsigned int first);
void links_destroy(struct links *links);

#endif
