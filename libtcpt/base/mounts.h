/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The mounted filesystems. */
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

/* Reads the next line of a mountinfo. Returns false at its end. */
bool mount_read(FILE *mounts, struct mount *mount);
/* Finds where the cgroup hierarchy of version 2 is mounted. path is empty if it is not. */
void mount_find_cgroup2(char *path, size_t size);

#endif
