// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The census of all tasks of the host, from /proc. Most threads share their process's
 * descriptors and are in its network namespace. But each can have its own, and the first
 * thread may have ended, which leaves it without either.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/array.h"
#include "base/proc.h"
#include "internal.h"
#include "trace/existing-census.h"

/* ---- the results ---- */

static int add_table(struct census *census, pid_t pid, pid_t tid)
{
	struct table *tables = array_grow(census->tables, census->table_count, sizeof(*tables));

	if (!tables)
		return -ENOMEM;
	census->tables = tables;
	tables[census->table_count++] = (struct table){ .pid = pid, .tid = tid };
	return 0;
}

/* Adds a socket that the table added last holds. */
static int add_hold(struct census *census, uint32_t inode)
{
	struct hold *holds = array_grow(census->holds, census->hold_count, sizeof(*holds));

	if (!holds)
		return -ENOMEM;
	census->holds = holds;
	holds[census->hold_count++] = (struct hold){ inode, census->table_count - 1 };
	return 0;
}

/* ---- links ---- */

static bool read_link(int dir, const char *path, char *target, size_t size)
{
	ssize_t n = readlinkat(dir, path, target, size - 1);

	target[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/*
 * Looks at one descriptor. A socket's inode has 32 bits, which the kernel's diagnosis shows
 * too. A namespace that was opened by its name shows the name; one whose name is gone
 * shows a slash.
 */
static int look_at_descriptor(struct census *census, int dir, const char *dir_path,
			      const char *name)
{
	char target[64], path[300];
	uint64_t inode;

	if (!read_link(dir, name, target, sizeof(target)))
		return 0;
	if (proc_is_link_to(target, "socket:[", &inode))
		return add_hold(census, inode);
	if (!strcmp(target, "/"))
		inode = 0;
	else if (!proc_is_link_to(target, "net:[", &inode))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir_path, name);
	return netns_set_add(&census->netns, inode, path);
}

/* ---- threads ---- */

static int look_at_netns(struct census *census, pid_t pid, pid_t tid)
{
	char target[64], path[64];
	uint64_t inode;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/net", pid, tid);
	if (!read_link(AT_FDCWD, path, target, sizeof(target)) ||
	    !proc_is_link_to(target, "net:[", &inode))
		return 0;
	return netns_set_add(&census->netns, inode, path);
}

static bool is_known_mounts(const struct census *census, uint64_t inode)
{
	for (size_t i = census->mounts_count; i > 0; i--)
		if (census->mounts[i - 1] == inode)
			return true;
	return false;
}

static int look_at_mounts(struct census *census, pid_t pid, pid_t tid)
{
	char target[64], path[64];
	uint64_t inode, *mounts;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/mnt", pid, tid);
	if (!read_link(AT_FDCWD, path, target, sizeof(target)) ||
	    !proc_is_link_to(target, "mnt:[", &inode) || is_known_mounts(census, inode))
		return 0;
	mounts = array_grow(census->mounts, census->mounts_count, sizeof(*mounts));
	if (!mounts)
		return -ENOMEM;
	census->mounts = mounts;
	mounts[census->mounts_count++] = inode;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
	return netns_set_add_mounted(&census->netns, path);
}

static int look_at_table(struct census *census, pid_t pid, pid_t tid)
{
	const struct dirent *entry;
	char path[64];
	DIR *fds;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/fd", pid, tid);
	fds = opendir(path);
	if (!fds)
		return 0;
	err = look_at_mounts(census, pid, tid);
	if (!err)
		err = add_table(census, pid, tid);
	while (!err && (entry = readdir(fds)))
		err = look_at_descriptor(census, dirfd(fds), path, entry->d_name);
	closedir(fds);
	return err;
}

/* Returns true if two threads share a table. If the kernel does not say, each is looked at. */
static bool share_table(const struct census *census, pid_t a, pid_t b)
{
	return census->is_own && a && !syscall(SYS_kcmp, a, b, KCMP_FILES, 0, 0);
}

/* Looks at all threads of a process but the first one. */
static int look_at_others(struct census *census, pid_t pid, DIR *tasks)
{
	const struct dirent *entry;
	pid_t tid, last = 0;
	int err = 0;

	while (!err && (entry = readdir(tasks))) {
		tid = strtol(entry->d_name, NULL, 10);
		if (tid <= 0 || tid == pid)
			continue;
		err = look_at_netns(census, pid, tid);
		if (err || share_table(census, pid, tid) || share_table(census, last, tid))
			continue;
		last = tid;
		err = look_at_table(census, pid, tid);
	}
	return err;
}

/* ---- processes ---- */

/* Looks at a process. Its directory of threads has one link for each thread, and two more. */
static int look_at_process(struct census *census, pid_t pid)
{
	int err = look_at_netns(census, pid, pid);
	char path[64];
	struct stat st;
	DIR *tasks;

	if (!err)
		err = look_at_table(census, pid, pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (err || stat(path, &st) || st.st_nlink <= 3)
		return err;
	tasks = opendir(path);
	if (!tasks)
		return 0;
	err = look_at_others(census, pid, tasks);
	closedir(tasks);
	return err;
}

static int look_at_all(struct census *census)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	pid_t pid;
	int err = 0;

	while (!err && proc && (entry = readdir(proc))) {
		pid = isdigit((unsigned char)entry->d_name[0]) ? strtol(entry->d_name, NULL, 10) :
								 0;
		if (pid > 0)
			err = look_at_process(census, pid);
	}
	if (proc)
		closedir(proc);
	return err;
}

static bool is_own_proc(void)
{
	char target[16] = "";

	return readlink("/proc/self", target, sizeof(target) - 1) > 0 &&
	       strtol(target, NULL, 10) == getpid();
}

/* Raises the limit: each network namespace takes a descriptor until stock is taken. */
static void allow_many_files(struct census *census)
{
	struct rlimit all;

	if (getrlimit(RLIMIT_NOFILE, &census->files))
		return;
	all = (struct rlimit){ census->files.rlim_max, census->files.rlim_max };
	setrlimit(RLIMIT_NOFILE, &all);
}

int existing_census_take(struct census *census)
{
	allow_many_files(census);
	census->is_own = is_own_proc();
	return look_at_all(census);
}

void existing_census_forget(struct census *census)
{
	netns_set_forget(&census->netns);
	free(census->mounts);
	free(census->tables);
	free(census->holds);
	if (census->files.rlim_max)
		setrlimit(RLIMIT_NOFILE, &census->files);
}
