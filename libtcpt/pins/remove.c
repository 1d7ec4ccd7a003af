// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The removal of a directory of pins. Everybody who may write beside the trace can have
 * made it, so no symbolic link is followed on the way down.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "internal.h"
#include "pins/remove.h"

/* More levels than tcpt makes, and more than others need to be in the way. */
#define DEPTH_MAX 200

static int open_bpffs_dir(int parent, const char *name)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;

	if (dir >= 0 && (fstatfs(dir, &fs) || fs.f_type != BPF_FS_MAGIC)) {
		close(dir);
		return -1;
	}
	return dir;
}

static void remove_dir(int parent, const char *name, unsigned int depth)
{
	int dir = open_bpffs_dir(parent, name);
	DIR *entries = dir < 0 ? NULL : fdopendir(dir);
	const struct dirent *entry;

	if (!entries) {
		if (dir >= 0)
			close(dir);
		return;
	}
	while ((entry = readdir(entries)))
		if (entry->d_name[0] != '.' && unlinkat(dir, entry->d_name, 0) && depth)
			remove_dir(dir, entry->d_name, depth - 1);
	closedir(entries);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* It tries more than once, so that one call that fails leaves no pins behind. */
#define ROUNDS 3

int remove_pins(const char *dir)
{
	for (int round = 0; round < ROUNDS; round++) {
		if (unlink(dir)) /* which it is if it is a symbolic link */
			remove_dir(AT_FDCWD, dir, DEPTH_MAX);
		if (faccessat(AT_FDCWD, dir, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
			return 0;
	}
	return -EBUSY;
}
