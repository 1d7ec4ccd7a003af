// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of filters by the names that people have for them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/accounts.h"
#include "base/cgroup.h"
#include "base/netns-set.h"
#include "internal.h"
#include "trace/filter-names.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

int filter_names_user(const char *name, uint64_t *uid)
{
	uint32_t user;

	if ((!isalpha((unsigned char)*name) && *name != '_') || strchr(name, '/'))
		return -EINVAL;
	if (account_uid(name, &user))
		return -EINVAL;
	*uid = user;
	return 0;
}

/* Returns true if a line of /etc/services, NAME PORT/tcp ALIAS..., has this name. */
static bool is_service(char *line, const char *name, uint64_t *port)
{
	char *place, *word = strtok_r(line, " \t\n", &place), *number;
	bool is_named = word && !strcmp(word, name);

	number = strtok_r(NULL, " \t\n", &place);
	if (!number || !strstr(number, "/tcp"))
		return false;
	while (!is_named && (word = strtok_r(NULL, " \t\n", &place)))
		is_named = !strcmp(word, name);
	*port = strtoul(number, NULL, 10);
	return is_named;
}

int filter_names_service(const char *name, uint64_t *port)
{
	FILE *services = fopen("/etc/services", "re");
	bool is_found = false;
	char line[512];

	while (services && !is_found && fgets(line, sizeof(line), services)) {
		line[strcspn(line, "#")] = '\0';
		is_found = is_service(line, name, port);
	}
	if (services)
		fclose(services);
	return is_found ? 0 : -EINVAL;
}

int filter_names_cgroup(const char *path, uint64_t *id)
{
	int err = cgroup_id(path, id);

	if (err == -EINVAL || err == -ENOENT)
		return cgroup_id_below_root(path, id) ? err : 0;
	return err;
}

static bool is_namespace(int at)
{
	struct statfs fs;

	return !fstatfs(at, &fs) && fs.f_type == NSFS_MAGIC;
}

static int netns_inode(const char *path, uint64_t *inode)
{
	int at = open(path, O_PATH | O_CLOEXEC), fd = -EINVAL;
	struct stat st;

	if (at < 0)
		return -errno;
	if (!fstat(at, &st) && is_namespace(at))
		fd = netns_set_open(at);
	close(at);
	if (fd < 0)
		return fd == -ENOENT ? -EINVAL : fd;
	close(fd);
	*inode = st.st_ino;
	return 0;
}

int filter_names_netns(const char *text, uint64_t *inode)
{
	char path[PATH_MAX];

	if (*text == '/')
		return netns_inode(text, inode);
	if ((!isalpha((unsigned char)*text) && *text != '_') || strchr(text, '/'))
		return -EINVAL;
	snprintf(path, sizeof(path), "/run/netns/%s", text);
	return netns_inode(path, inode);
}

/* The link of a namespace of a process reads KIND:[INODE]. */
bool filter_names_other_namespace(const char *path, char *kind, size_t size)
{
	char link[64], text[64] = "";
	int at = *path == '/' ? open(path, O_PATH | O_CLOEXEC) : -1;
	bool is_other = false;

	if (at < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
	if (is_namespace(at) && readlink(link, text, sizeof(text) - 1) > 0 && strchr(text, ':')) {
		*strchr(text, ':') = '\0';
		is_other = strcmp(text, "net") != 0;
		snprintf(kind, size, "%s", text);
	}
	close(at);
	return is_other;
}
