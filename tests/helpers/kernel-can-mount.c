/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

#include "kernel-can.h"

/* Once: nothing that is mounted from here on is seen by anybody else. */
static int private_mounts(void)
{
	static int done;

	if (done)
		return 0;
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
		return -1;
	done = 1;
	return 0;
}

/*
 * A fresh mount each, where the place exists: then the kernel has the thing. Of
 * a file system that has just one instance, the mount that is there will do.
 */
static const char *mounted(const char *type, const char *path, int *done)
{
	if (*done)
		return path;
	if (private_mounts() || (mount(type, path, type, 0, NULL) && errno != EBUSY))
		return NULL;
	*done = 1;
	return path;
}

const char *tracefs_path(void)
{
	static int done;

	return mounted("tracefs", "/sys/kernel/tracing", &done);
}

const char *bpffs_path(void)
{
	static int done;

	return mounted("bpf", "/sys/fs/bpf", &done);
}
