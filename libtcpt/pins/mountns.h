/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether pins outlive this process. */
#ifndef TCPT_MOUNTNS_H
#define TCPT_MOUNTNS_H

#include <stdbool.h>

struct tcpt_log;

/*
 * Will what is pinned in the bpffs there outlive this process? -EINVAL and a
 * message if not; a warning if only the mount namespace keeps what is_new.
 */
int mountns_check(const char *at, bool is_new, const struct tcpt_log *log);

#endif
