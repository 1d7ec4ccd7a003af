// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Control groups of the version 2 hierarchy. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* name_to_handle_at, open_by_handle_at */
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
struct id_handle {
	struct file_handle handle;
	uint64_t id;
};

static int read_handle(int dir, struct id_handle *of)
{
	int mount;

	*of = (struct id_handle){ .handle.handle_bytes = sizeof(of->id) };
	return name_to_handle_at(dir, "", &of->handle, &mount, AT_EMPTY_PATH) ? -errno : 0;
}

int cgroup_id_at(int dir, uint64_t *id)
{
	struct id_handle of;
	struct statfs fs;
	int err;

	if (fstatfs(dir, &fs))
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EINVAL;
	err = read_handle(dir, &of);
	if (!err)
		memcpy(id, of.handle.f_handle, sizeof(*id));
	return err;
}

/* Handles of all directories are of one type, which the kernel's version decides. */
int cgroup_open_id(int root, uint64_t id)
{
	struct id_handle of;
	int err = read_handle(root, &of), dir;

	if (err)
		return err;
	memcpy(of.handle.f_handle, &id, sizeof(id));
	dir = open_by_handle_at(root, &of.handle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

/* The files of a cgroup have ids of the same kind, which no task has. */
int cgroup_id(const char *path, uint64_t *id)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), err;

	if (dir < 0)
		return errno == ENOTDIR ? -EINVAL : -errno;
	err = cgroup_id_at(dir, id);
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
	int err = cgroup_id_at(dir, &id);

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

int cgroup_id_below_root(const char *path, uint64_t *id)
{
	int root = cgroup_open_root(), dir, err;

	if (root < 0)
		return root;
	while (*path == '/')
		path++;
	dir = openat(root, *path ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = dir < 0 ? -errno : cgroup_id_at(dir, id);
	if (dir >= 0)
		close(dir);
	close(root);
	return err;
}
