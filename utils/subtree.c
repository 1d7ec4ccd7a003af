// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "subtree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "tcpt-trace-"
#define HERE "/sys/fs/cgroup" /* where the hierarchy is mounted if it is nowhere */

/* ---- this process's own group ---- */

/* Returns where the hierarchy is mounted; the caller frees it. NULL: nowhere. */
static char *find_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	char *at = NULL;

	while (mounts && !at && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			at = strdup(mount->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return at;
}

/* Sets path to the group of this process, as the line "0::PATH" has it. */
static void read_own(char path[PATH_MAX])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 8];

	*path = '\0';
	while (file && !*path && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "0::/", 4))
			snprintf(path, PATH_MAX, "%s", line + 3);
	}
	if (file)
		fclose(file);
}

/* Where only a part of the hierarchy is mounted, the group is below another path. */
static int open_own(const char *at)
{
	char own[PATH_MAX], path[2 * PATH_MAX];
	int dir;

	read_own(own);
	snprintf(path, sizeof(path), "%s%s", at, own);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : dir;
}

static int open_parent(const struct cli *cli)
{
	char *at = find_mount();
	int dir = -1, err = 0;

	if (!at && mount("cgroup2", HERE, "cgroup2", 0, NULL))
		err = -errno;
	if (!err)
		dir = open_own(at ? at : HERE);
	if (!err && dir < 0)
		err = -errno;
	free(at);
	if (!err)
		return dir;
	cli_error(
		cli,
		"cannot open the cgroup hierarchy of version 2, by which the processes of COMMAND "
		"are known: %s%s",
		strerror(-err), err == -ENODEV ? " (Linux 4.5)" : "");
	return err == -ENODEV ? -EOPNOTSUPP : err;
}

/* ---- the end ---- */

static void sleep_ms(int ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000L };

	nanosleep(&time, NULL);
}

/* Moves the processes of the group to its parent. */
static void move_all(const struct subtree *subtree)
{
	int from = openat(subtree->dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	int to = openat(subtree->parent, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	FILE *members = from < 0 ? NULL : fdopen(from, "r");
	char pid[32];

	while (members && to >= 0 && fgets(pid, sizeof(pid), members))
		if (write(to, pid, strlen(pid)) < 0)
			continue; /* it has ended */
	if (members)
		fclose(members);
	else if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}

#define TRIES 500
#define PAUSE_MS 10

/* Removes the group. A process may be made in it while the others are moved. */
static void clear(const struct subtree *subtree)
{
	for (int i = 0; i < TRIES; i++) {
		if (!unlinkat(subtree->parent, subtree->name, AT_REMOVEDIR) || errno != EBUSY)
			return;
		move_all(subtree);
		if (i)
			sleep_ms(PAUSE_MS);
	}
}

/* ---- the guardian ---- */

/* Closes all descriptors but those of the group and the pipe: others wait for their end. */
static void close_others(const struct subtree *subtree, int alive)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	DIR *all = opendir("/proc/self/fd");
	const struct dirent *entry;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	while (all && (entry = readdir(all))) {
		int fd = isdigit((unsigned char)*entry->d_name) ? atoi(entry->d_name) : -1;

		if (fd > STDERR_FILENO && fd != dirfd(all) && fd != subtree->parent &&
		    fd != subtree->dir && fd != alive)
			close(fd);
	}
	if (all)
		closedir(all);
}

__attribute__((noreturn)) static void guard(const struct subtree *subtree, int alive)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	char byte;

	setsid(); /* a signal for the shell's job or session is not for this process */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	unshare(CLONE_NEWNS); /* so that it does not keep the bpffs mounted */
	close_others(subtree, alive);
	while (read(alive, &byte, 1) < 0 && errno == EINTR)
		;
	clear(subtree);
	_exit(0);
}

static int make_guardian(struct subtree *subtree)
{
	int alive[2], err = 0;

	if (pipe2(alive, O_CLOEXEC))
		return -errno;
	subtree->guardian = fork();
	if (!subtree->guardian) {
		close(alive[1]);
		guard(subtree, alive[0]);
	}
	if (subtree->guardian < 0)
		err = -errno;
	close(alive[0]);
	subtree->alive = alive[1];
	return err;
}

/* ---- making it ---- */

/*
 * Removes empty groups whose owner and guardian were both killed. Owners lock theirs. One
 * that is removed before its owner has locked it is made again.
 */
static void tidy(int parent)
{
	int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *groups = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	while (groups && (entry = readdir(groups))) {
		int dir = strncmp(entry->d_name, PREFIX, strlen(PREFIX)) ?
				  -1 :
				  openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0 && !flock(dir, LOCK_EX | LOCK_NB))
			unlinkat(parent, entry->d_name, AT_REMOVEDIR);
		if (dir >= 0)
			close(dir);
	}
	if (groups)
		closedir(groups);
	else if (copy >= 0)
		close(copy);
}

static bool is_there(const struct subtree *subtree)
{
	struct stat mine, there;

	return !fstat(subtree->dir, &mine) &&
	       !fstatat(subtree->parent, subtree->name, &there, AT_SYMLINK_NOFOLLOW) &&
	       mine.st_ino == there.st_ino;
}

/* Makes the directory and locks it. Processes of several pid namespaces may have one pid. */
static int make_group(struct subtree *subtree)
{
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(subtree->name, sizeof(subtree->name), PREFIX "%d-%u", (int)getpid(), i);
		if (mkdirat(subtree->parent, subtree->name, 0755)) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		subtree->dir =
			openat(subtree->parent, subtree->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (subtree->dir >= 0 && !flock(subtree->dir, LOCK_SH | LOCK_NB) &&
		    is_there(subtree))
			return 0;
		if (subtree->dir >= 0)
			close(subtree->dir);
		subtree->dir = -1;
	}
	return -EEXIST;
}

static int add(const struct subtree *subtree, pid_t member)
{
	int procs = openat(subtree->dir, "cgroup.procs", O_WRONLY | O_CLOEXEC), err = 0;
	char pid[32];
	int size = snprintf(pid, sizeof(pid), "%d\n", (int)member);

	if (procs < 0 || write(procs, pid, size) != size)
		err = -errno;
	if (procs >= 0)
		close(procs);
	return err;
}

int subtree_make(struct subtree *subtree, pid_t member, const struct cli *cli)
{
	int err;

	subtree->parent = open_parent(cli);
	if (subtree->parent < 0)
		return subtree->parent;
	tidy(subtree->parent);
	err = make_group(subtree);
	if (!err)
		err = make_guardian(subtree);
	if (!err)
		err = add(subtree, member);
	if (err)
		cli_error(cli, "cannot make a cgroup for COMMAND: %s%s", strerror(-err),
			  err == -EPERM || err == -EACCES ? "; run as root" : "");
	return err;
}

int subtree_filter(const struct subtree *subtree, struct tcpt_filter *filter,
		   const struct tcpt_log *log)
{
	char text[64];
	int n;

	snprintf(text, sizeof(text), "cgroup=/proc/self/fd/%d", subtree->dir);
	n = tcpt_filter_parse(filter, 1, text, log);
	return n < 0 ? n : 0;
}

void subtree_end(struct subtree *subtree)
{
	if (subtree->dir >= 0)
		clear(subtree);
	if (subtree->alive >= 0)
		close(subtree->alive);
	if (subtree->guardian > 0)
		while (waitpid(subtree->guardian, NULL, 0) < 0 && errno == EINTR)
			;
	if (subtree->dir >= 0)
		close(subtree->dir);
	if (subtree->parent >= 0)
		close(subtree->parent);
}
