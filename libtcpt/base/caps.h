/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The privileges that the calling thread lacks. */
#ifndef TCPT_CAPS_H
#define TCPT_CAPS_H

#include <stdbool.h>

struct tcpt_log;

/*
 * Each returns the names of the capabilities that the thread lacks; NULL if it lacks
 * none. The first is about using maps, the second about attaching to perf events.
 */
const char *caps_for_maps(void);
const char *caps_for_perf(void);
/* Returns whether the thread may give a file to any group. */
bool caps_may_chown(void);
/* Explains in a message why the kernel answered EPERM. Returns -EPERM. */
int caps_explain_bpf(int err, const struct tcpt_log *log);
/* Does so if the limit of locked memory is the reason; else it returns 0. */
int caps_explain_memory(const struct tcpt_log *log);

#endif
