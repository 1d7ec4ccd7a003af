/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is mounted. */
#ifndef TCPT_MOUNTS_H
#define TCPT_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct mount {
	dev_t dev; /* of its superblock */
	char type[32];
	char root[64]; /* cut off if it is longer */
	char point[1024];
};

/* The next line of a mountinfo. */
bool mount_read(FILE *mounts, struct mount *mount);
/* Where the cgroup hierarchy of version 2 is mounted; empty if it is not. */
void mount_find_cgroup2(char *path, size_t size);

#endif
