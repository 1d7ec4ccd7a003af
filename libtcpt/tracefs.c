// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ids of tracepoints. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static int read_id(int dir, const char *path)
{
	char text[16] = "";
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoi(text) : -ENOENT;
}

/* A mount that has no place in the tree, since Linux 5.2: nobody sees it, and it goes with fd. */
static int mount_detached(void)
{
	int fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mount;

	if (fs < 0)
		return -errno;
	mount = syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (!mount)
		mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		mount = -errno;
	close(fs);
	return mount;
}

int tracefs_event_id(const char *category, const char *event)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[256];
	int id, dir;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/events/%s/%s/id", places[i], category, event);
		id = read_id(AT_FDCWD, path);
		if (id >= 0)
			return id;
	}
	dir = mount_detached();
	if (dir < 0)
		return dir;
	snprintf(path, sizeof(path), "events/%s/%s/id", category, event);
	id = read_id(dir, path);
	close(dir);
	return id;
}
