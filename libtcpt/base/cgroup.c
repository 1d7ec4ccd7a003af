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
int cgroup_id(const char *path, uint64_t *id)
{
	struct {
		struct file_handle handle;
		uint64_t id;
	} of = { .handle.handle_bytes = sizeof(of.id) };
	struct statfs fs;
	int mount;

	if (statfs(path, &fs))
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EINVAL;
	if (name_to_handle_at(AT_FDCWD, path, &of.handle, &mount, 0))
		return -errno;
	memcpy(id, of.handle.f_handle, sizeof(*id));
	return 0;
}
