/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks for a control group in the whole hierarchy. */
#ifndef TCPT_CGROUP_WALK_H
#define TCPT_CGROUP_WALK_H

#include <stdint.h>

/*
 * Called for each group, with its path below the root and a slash in front. Anything but 0
 * ends the walk.
 */
typedef int cgroup_walk_visit(void *context, uint64_t id, const char *path);

/* Visits all groups below root, whose descriptor stays open. Returns what ended it, or 0. */
int cgroup_walk(int root, cgroup_walk_visit *visit, void *context);

#endif
