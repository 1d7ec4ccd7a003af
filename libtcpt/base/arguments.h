/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks of what callers of the library hand over, before anything else is done. */
#ifndef TCPT_ARGUMENTS_H
#define TCPT_ARGUMENTS_H

#include <stddef.h>

struct tcpt_log;

/* Returns -EINVAL, with a message that names it as what, if given is NULL. */
int argument_check(const void *given, const char *what, const struct tcpt_log *log);
/* Does the same, and returns -EINVAL, with a message, unless tap is from 1 to TCPT_TAPS_MAX. */
int argument_check_tap(const void *given, const char *what, unsigned int tap,
		       const struct tcpt_log *log);
/*
 * Copies a struct of options, which begins with its size, to own, which has size bytes.
 * Members that the caller's older struct lacks become zero. Members that this version
 * does not know have to be zero, else it returns -E2BIG. It returns -EINVAL if given is
 * NULL or its size makes no sense. Each failure has a message.
 */
int argument_copy(void *own, size_t size, const void *given, const struct tcpt_log *log);
/*
 * Returns the log at offset at of such a struct; NULL if the struct ends before it, or
 * its size makes no sense.
 */
const struct tcpt_log *argument_log(const void *given, size_t at);

#endif
