/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Control groups. */
#ifndef TCPT_CGROUP_H
#define TCPT_CGROUP_H

#include <stdint.h>

/* Of the directory of a cgroup of the version 2 hierarchy; -EINVAL if it is none. */
int cgroup_id(const char *path, uint64_t *id);

#endif
