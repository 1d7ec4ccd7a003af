// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Control groups of the version 2 hierarchy. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* name_to_handle_at */
#endif
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "base/cgroup.h"
#include "internal.h"

/* Every kernel has the cgroup's id in its file handle of the directory. */
static int read_id(int dir, uint64_t *id)
{
	struct {
		struct file_handle handle;
		uint64_t id;
	} of = { .handle.handle_bytes = sizeof(of.id) };
	struct statfs fs;
	int mount;

	if (fstatfs(dir, &fs))
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EINVAL;
	if (name_to_handle_at(dir, "", &of.handle, &mount, AT_EMPTY_PATH))
		return -errno;
	memcpy(id, of.handle.f_handle, sizeof(*id));
	return 0;
}

/* The files of a cgroup have ids of the same kind, which no task has. */
int cgroup_id(const char *path, uint64_t *id)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), err;

	if (dir < 0)
		return errno == ENOTDIR ? -EINVAL : -errno;
	err = read_id(dir, id);
	close(dir);
	return err;
}
