/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bpffs that a trace is pinned in. */
#ifndef TCPT_BPFFS_H
#define TCPT_BPFFS_H

#include <stdbool.h>

#include "pins/pin.h"

struct tcpt_log;

/* Returns true if path is in a bpffs. */
bool bpffs_is(const char *path);
/* Returns the directory that dir is in. */
struct pin_path bpffs_parent(const char *dir);
/*
 * Checks that dir is to be in a bpffs, and mounts one at /sys/fs/bpf if need be. On failure
 * there is a message. For hold see pins_prepare().
 */
int bpffs_require(const char *dir, bool hold, const struct tcpt_log *log);
/* Says that there is no trace. Returns -ENOENT; -EINVAL if there never can be one. */
int bpffs_explain_none(const char *dir, const struct tcpt_log *log);

#endif
