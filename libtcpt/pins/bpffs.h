/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bpffs that a trace is pinned in. */
#ifndef TCPT_BPFFS_H
#define TCPT_BPFFS_H

#include <stdbool.h>

#include "pins/pin.h"

struct tcpt_log;

bool bpffs_is(const char *path);
struct pin_path bpffs_parent(const char *dir);
/* What dir is to be in, mounted if need be; else a message. For hold see pins_prepare(). */
int bpffs_require(const char *dir, bool hold, const struct tcpt_log *log);
/* That there is no trace: -ENOENT, or where none can ever be -EINVAL. */
int bpffs_explain_none(const char *dir, const struct tcpt_log *log);

#endif
