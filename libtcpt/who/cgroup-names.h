/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The service and the container that the path of a control group names. */
#ifndef TCPT_CGROUP_NAMES_H
#define TCPT_CGROUP_NAMES_H

#define CGROUP_NAME_SIZE 256 /* a name in a path has at most 255 bytes */
#define CGROUP_CONTAINER_SIZE 65

/* Each is empty if the path does not name it. */
struct cgroup_names {
	char service[CGROUP_NAME_SIZE]; /* the innermost unit of systemd that is no slice */
	char slice[CGROUP_NAME_SIZE]; /* the innermost slice */
	char container[CGROUP_CONTAINER_SIZE]; /* the innermost container's id */
	const char *runtime; /* what made the container; empty also if the path does not say */
};

void cgroup_names_parse(struct cgroup_names *names, const char *path);

#endif
