// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The network namespaces of the host, as far as they can be reached. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "existing.h"

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
	struct netns_known *known = realloc(set->known, (set->count + 1) * sizeof(*known));

	if (!known)
		return -ENOMEM;
	set->known = known;
	known[set->count++] = (struct netns_known){ inode, fd };
	return 0;
}

/* A process may be gone by now, or in another namespace. */
static int look_at(struct netns_set *set, const char *path)
{
	struct statfs fs;
	struct stat st;
	int fd, err;

	if (stat(path, &st) || is_known(set, st.st_ino))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? 0 : add(set, st.st_ino, -errno);
	if (fstat(fd, &st) || fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC || is_known(set, st.st_ino)) {
		close(fd);
		return 0;
	}
	err = add(set, st.st_ino, fd);
	if (err)
		close(fd);
	return err;
}

static int look_into(struct netns_set *set, const char *dir, const char *below, bool numbers)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;
	char path[300];
	int err = 0;

	while (!err && entries && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || (numbers && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dir, entry->d_name, below);
		err = look_at(set, path);
	}
	if (entries)
		closedir(entries);
	return err;
}

int netns_find_all(struct netns_set *set)
{
	int err = look_into(set, "/proc", "/ns/net", true);

	return err ? err : look_into(set, "/run/netns", "", false);
}

void netns_forget_all(struct netns_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->known[i].fd >= 0)
			close(set->known[i].fd);
	free(set->known);
	*set = (struct netns_set){};
}
