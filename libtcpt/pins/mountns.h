/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The mount namespace, which can end and take the pins with it. */
#ifndef TCPT_MOUNTNS_H
#define TCPT_MOUNTNS_H

#include <stdbool.h>

struct tcpt_log;

/*
 * Checks that pins in the bpffs at this path outlive the process. Returns -EINVAL, with a
 * message, if they do not. Warns if the bpffs is_new and only this mount namespace keeps
 * it.
 */
int mountns_check(const char *at, bool is_new, const struct tcpt_log *log);

#endif
