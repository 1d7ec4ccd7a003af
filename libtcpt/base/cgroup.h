/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Control groups. */
#ifndef TCPT_CGROUP_H
#define TCPT_CGROUP_H

#include <stdint.h>

/*
 * Reads the id of a cgroup, of which path is the directory. Returns -EINVAL if it is no
 * cgroup of the version 2 hierarchy, another negative errno if it cannot be read.
 */
int cgroup_id(const char *path, uint64_t *id);
/* The same of a path below the root of the hierarchy, which need not be mounted. */
int cgroup_id_below_root(const char *path, uint64_t *id);
/* The same of a directory that is open. */
int cgroup_id_at(int dir, uint64_t *id);

/*
 * Opens the directory of a cgroup by its id; root is that of the hierarchy. -ESTALE: there is
 * none, or no more. -EPERM: CAP_DAC_READ_SEARCH is missing.
 */
int cgroup_open_id(int root, uint64_t id);

/*
 * Opens the root of the version 2 hierarchy, mounted or not. -ENODEV: this kernel has
 * none. -EXDEV: this process is in a cgroup namespace, and sees a part of it alone.
 */
int cgroup_open_root(void);

#endif
