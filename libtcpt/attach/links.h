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
	bool are_pinnable; /* links to perf events are; false until one has been tried */
	struct {
		char name[24];
		const struct hook *hook;
		int perf; /* perf event to attach to; -1: none, or the link has it */
		struct bpf_link *link; /* NULL: it is optional, and could not be attached */
	} of[LINKS_MAX];
};
/*
 * Adds the hook to links, and opens its kprobe, kretprobe or tracepoint. If a function has
 * another name here, it opens one for each variant of the function. known is what was
 * found out about the name, or NULL.
 */
int links_open(const struct hook *hook, const struct symbols *known, struct links *links,
	       const struct tcpt_log *log);
/*
 * Attaches a program that has no libbpf object, of a kprobe, a tracepoint or fentry, to what
 * was opened for number i. Returns a descriptor of the link.
 */
int links_attach(const struct links *links, unsigned int i, int prog);
/* Returns true if links has a hook on this target. */
bool links_have(const struct links *links, const char *target);
/* Ends the links from number first on, and removes them from links. */
void links_cut(struct links *links, unsigned int first);
void links_destroy(struct links *links);

#endif
