/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which privileges are lacking. */
#ifndef TCPT_CAPS_H
#define TCPT_CAPS_H

#include <stdbool.h>

struct tcpt_log;

/*
 * Names those that the thread lacks: to load tracing programs, to use maps, to
 * attach to perf events. NULL if it lacks none.
 */
const char *caps_for_bpf(void);
const char *caps_for_maps(void);
const char *caps_for_perf(void);
/* To give a file to any group. */
bool caps_may_chown(void);
/* What is behind an EPERM: messages, and -EPERM; the second 0 if memory is not. */
int caps_explain_bpf(int err, const struct tcpt_log *log);
int caps_explain_memory(const struct tcpt_log *log);

#endif
