/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What callers of the library hand over is looked at before anything is done. */
#ifndef TCPT_ARGUMENTS_H
#define TCPT_ARGUMENTS_H

#include <stddef.h>

struct tcpt_log;

/* -EINVAL and a message unless given, which is called what, is something. */
int argument_check(const void *given, const char *what, const struct tcpt_log *log);
/* Of a trace: 1 to TCPT_TAPS_MAX. */
int argument_check_tap(unsigned int tap, const struct tcpt_log *log);
/*
 * Copies a struct of options that begins with its size. Members that the caller's
 * version has not are zero; what ours has not must be zero, else -E2BIG.
 */
int argument_copy(void *own, size_t size, const void *given, const struct tcpt_log *log);
/* The log that is in such a struct at offset at, if it reaches there. */
const struct tcpt_log *argument_log(const void *given, size_t at);

#endif
