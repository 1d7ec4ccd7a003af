// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A set of network namespaces, held open so that they can be entered. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH, CLONE_NEWNET */
#endif
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/array.h"
#include "base/knobs.h"
#include "base/mounts.h"
#include "base/proc.h"
#include "internal.h"
#include "base/netns-set.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

static bool is_known(const struct netns_set *set, uint64_t inode)
{
	for (size_t i = set->count; i > 0; i--)
		if (set->known[i - 1].inode == inode)
			return true;
	return false;
}

static int add(struct netns_set *set, uint64_t inode, int fd)
{
	struct netns_known *known = array_grow(set->known, set->count, sizeof(*known));

	if (!known)
		return -ENOMEM;
	set->known = known;
	known[set->count++] = (struct netns_known){ inode, fd };
	return 0;
}

/* The descriptor is replaced by -EINVAL if it is of another kind of namespace, else by 0. */
static void *enter(void *fd_and_result)
{
	int *fd = fd_and_result;

	*fd = setns(*fd, CLONE_NEWNET) && errno == EINVAL ? -EINVAL : 0;
	return NULL;
}

/*
 * Before Linux 4.11 the kernel says of which kind a namespace is to who enters it: a thread of
 * its own.
 */
static bool can_be_entered(int fd)
{
	pthread_t thread;
	int result = fd;

	if (pthread_create(&thread, NULL, enter, &result))
		return false;
	pthread_join(thread, NULL);
	return !result;
}

static bool is_netns(int fd)
{
	int type = knob_without("nstype") ? -1 : ioctl(fd, NS_GET_NSTYPE);

	return type < 0 ? can_be_entered(fd) : type == CLONE_NEWNET;
}

int netns_set_open(int at)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_netns(fd))
		return fd;
	close(fd);
	return -ENOENT;
}

static int add_path(struct netns_set *set, int at)
{
	struct statfs fs;
	struct stat st;
	int fd, err;

	if (fstatfs(at, &fs) || fs.f_type != NSFS_MAGIC || fstat(at, &st) ||
	    is_known(set, st.st_ino))
		return 0;
	fd = netns_set_open(at);
	if (fd == -ENOENT)
		return 0;
	err = add(set, st.st_ino, fd);
	if (err && fd >= 0)
		close(fd);
	return err;
}

/*
 * It opens path with O_PATH first. Something else may be there by now, and a plain open()
 * could block on it, or have effects.
 */
int netns_set_add(struct netns_set *set, uint64_t inode, const char *path)
{
	int at, err;

	if (inode && is_known(set, inode))
		return 0;
	at = open(path, O_PATH | O_CLOEXEC);
	if (at < 0)
		return errno == ENOENT || errno == ESRCH || !inode ? 0 : add(set, inode, -errno);
	err = add_path(set, at);
	close(at);
	return err;
}

int netns_set_add_mounted(struct netns_set *set, const char *task)
{
	char path[64 + sizeof(((struct mount *)0)->point)];
	struct mount mount;
	uint64_t inode;
	FILE *mounts;
	int err = 0;

	snprintf(path, sizeof(path), "%s/mountinfo", task);
	mounts = fopen(path, "re");
	while (!err && mounts && mount_read(mounts, &mount)) {
		snprintf(path, sizeof(path), "%s/root%s", task, mount.point);
		if (proc_is_link_to(mount.root, "net:[", &inode))
			err = netns_set_add(set, inode, path);
	}
	if (mounts)
		fclose(mounts);
	return err;
}

uint32_t netns_set_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	if (getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		return 0;
	return cookie >> 32 ? 0 : cookie;
}

void netns_set_forget(struct netns_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->known[i].fd >= 0)
			close(set->known[i].fd);
	free(set->known);
	*set = (struct netns_set){};
}
