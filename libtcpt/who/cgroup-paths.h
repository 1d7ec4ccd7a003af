/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The paths of control groups of the version 2 hierarchy, by their ids. */
#ifndef TCPT_CGROUP_PATHS_H
#define TCPT_CGROUP_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "who/cgroup-names.h"

struct cgroup_paths;
struct tcpt_log;

struct cgroup_path {
	uint64_t id; /* 0: the place is free */
	char *path; /* NULL: it is not known, and will not be */
	struct cgroup_names names;
};

/*
 * Finds the hierarchy, mounted or not. Says in a message what cannot be known on a host whose
 * control groups are of version 1, and inside a cgroup namespace. Returns NULL without memory.
 */
struct cgroup_paths *cgroup_paths_open(const struct tcpt_log *log);
void cgroup_paths_close(struct cgroup_paths *paths);

/* Returns what is known of a group, until the next call; NULL: nothing. */
const struct cgroup_path *cgroup_path_of(struct cgroup_paths *paths, uint64_t id);

#endif
