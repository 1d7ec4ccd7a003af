// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Control groups of the version 2 hierarchy. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* name_to_handle_at */
#endif
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/cgroup.h"
#include "base/mounts.h"
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

/* Mounts the hierarchy at no place: the mount ends with the descriptor. */
static int mount_root(void)
{
	int fs = syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC), root = -1, err = 0;

	if (fs < 0)
		return errno == EPERM ? -EPERM : -ENODEV;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (root < 0)
		err = -errno;
	close(fs);
	return err ? err : root;
}

#define ROOT_BEFORE_5_5 (1ULL << 32 | 1) /* a generation, and a number of 32 bits */

/* The root of a cgroup namespace is not the hierarchy's, of which the id is 1. */
static int check_root(int dir)
{
	uint64_t id;
	int err = read_id(dir, &id);

	return err ? err : id == 1 || id == ROOT_BEFORE_5_5 ? 0 : -EXDEV;
}

int cgroup_open_root(void)
{
	char path[1024];
	int dir = -1, err;

	mount_find_cgroup2(path, sizeof(path));
	if (*path)
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		dir = mount_root();
	if (dir < 0)
		return dir;
	err = check_root(dir);
	if (err)
		close(dir);
	return err ? err : dir;
}
