/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of filters by the names that people have for them. */
#ifndef TCPT_FILTER_NAMES_H
#define TCPT_FILTER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each returns 0 or -errno; -EINVAL: there is no such name, or it is of another thing. */
int filter_names_user(const char *name, uint64_t *uid);
int filter_names_service(const char *name, uint64_t *port);
/* A directory of the hierarchy, or its path below the root, as tcpt-watch shows it. */
int filter_names_cgroup(const char *path, uint64_t *id);
/* A path, or a name that ip netns has given: -ENOENT if there is none. */
int filter_names_netns(const char *text, uint64_t *inode);
/* Returns true, and the kind, if a path leads to a namespace that is no network namespace. */
bool filter_names_other_namespace(const char *path, char *kind, size_t size);

#endif
