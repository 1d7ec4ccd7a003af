// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Only what root or the caller owns is trusted, and only if nobody else can change it. When
 * the directory that holds a trace and all in the trace have been checked, nobody else can
 * exchange any of it, and paths can be used. Until then, everything is reached from one
 * descriptor.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/advice.h"
#include "base/files.h"
#include "internal.h"
#include "pins/bpffs.h"
#include "pins/group.h"
#include "pins/trust.h"

/* A trace has fewer levels; nothing further down is opened. */
#define DEPTH_MAX 4

static unsigned int mode_of(const struct stat *st)
{
	return st->st_mode & 07777;
}

/* ---- the directory that a trace is in ---- */

/*
 * Checks the directory that a trace is in. In a sticky directory only its owner can rename
 * or remove what others own.
 */
static int check_parent(const struct stat *st, const char *path, const struct tcpt_log *log)
{
	bool is_open = st->st_mode & (S_IWGRP | S_IWOTH) && !(st->st_mode & S_ISVTX);

	if (!file_is_own(st))
		return log_error(log, -EACCES,
				 "%s is owned by uid %u, mode %04o, and this user could "
				 "exchange a trace in it; choose a --pin in a directory "
				 "of root or your own",
				 path, st->st_uid, mode_of(st));
	if (is_open)
		return log_error(log, -EACCES,
				 "%s is owned by uid %u, mode %04o, so that others could exchange "
				 "a trace in it; run: chmod +t %s",
				 path, st->st_uid, mode_of(st), advice_path(path).text);
	return 0;
}

/* ---- the trace ---- */

static int explain_look(const char *path, const struct tcpt_log *log)
{
	int err = -errno;

	return log_error(log, err, "cannot look at %s: %s", path, strerror(-err));
}

static int refuse(const struct stat *st, const char *path, const struct tcpt_log *log)
{
	if (!file_is_own(st))
		return log_error(log, -EACCES,
				 "%s is owned by uid %u, mode %04o, and only pins of root "
				 "or your own are trusted; run as that user, or choose "
				 "another --pin",
				 path, st->st_uid, mode_of(st));
	return log_error(log, -EACCES,
			 "%s is owned by uid %u, mode %04o, so that others can "
			 "change it; if nobody has changed it, run: chmod go-w %s",
			 path, st->st_uid, mode_of(st), advice_path(path).text);
}

static int check(const struct stat *st, const char *path, const struct tcpt_log *log)
{
	mode_t writers = S_IWGRP | S_IWOTH;

	if (!S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode))
		return log_error(log, -EACCES,
				 "%s is neither a directory nor a pin: uid %u has made "
				 "it, and not tcpt; name the directory itself with --pin",
				 path, st->st_uid);
	if (S_ISREG(st->st_mode) && group_may_write(file_name(path)))
		writers = S_IWOTH;
	if (file_is_own(st) && !(st->st_mode & writers))
		return 0;
	return refuse(st, path, log);
}

/*
 * Lets pass what is not there or out of the caller's reach: it is not used, and the message
 * comes from elsewhere. Any other failure to look, such as a lack of descriptors, is an
 * error.
 */
static int explain_open(const char *path, const struct tcpt_log *log)
{
	if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
		return 0;
	return explain_look(path, log);
}

static int check_entry(int dir, const char *name, const char *path, unsigned int depth,
		       const struct tcpt_log *log);

/*
 * Checks all that is in a directory. If the caller may not list it, others cannot change
 * it either, and the caller opens nothing there.
 */
static int check_entries(int dir, const char *path, unsigned int depth, const struct tcpt_log *log)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char name[PIN_MAX * 2];

	if (!entries) {
		err = explain_open(path, log);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		err = check_entry(dir, entry->d_name, name, depth, log);
	}
	closedir(entries);
	return err;
}

static int check_entry(int dir, const char *name, const char *path, unsigned int depth,
		       const struct tcpt_log *log)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0)
		return explain_open(path, log);
	err = fstat(fd, &st) ? explain_look(path, log) : check(&st, path, log);
	if (!err && S_ISDIR(st.st_mode) && depth)
		err = check_entries(fd, path, depth - 1, log);
	close(fd);
	return err;
}

/* ---- the place of the trace ---- */

static int open_parent(const char *dir, char path[PIN_MAX])
{
	const char *slash = strrchr(dir, '/');
	size_t n = slash == dir ? 1 : slash ? (size_t)(slash - dir) : 0;

	snprintf(path, PIN_MAX, "%.*s", n ? (int)n : 1, n ? dir : ".");
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int trust_parent(const char *dir, const struct tcpt_log *log)
{
	char path[PIN_MAX];
	struct stat st;
	int parent = open_parent(dir, path), err;

	if (parent < 0)
		return explain_open(path, log);
	err = fstat(parent, &st) ? explain_look(path, log) : check_parent(&st, path, log);
	close(parent);
	return err;
}

static bool is_elsewhere(const char *dir)
{
	struct statfs fs;

	return !statfs(dir, &fs) && fs.f_type != BPF_FS_MAGIC;
}

/*
 * Refuses a directory of the caller's or root's, without a trace, in which others could
 * put one. Such a mode is right for the bpffs itself, so the advice is another --pin.
 */
static int check_bare(int parent, const char *dir, const struct tcpt_log *log)
{
	struct stat st;

	if (pin_check(dir) != -ENOENT ||
	    fstatat(parent, file_name(dir), &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode) ||
	    !file_is_own(&st) || !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return log_error(
		log, -EACCES,
		"%s is no trace, and has mode %04o, so that others could put one there; choose "
		"another --pin, as " TCPT_DEFAULT_PIN,
		dir, mode_of(&st));
}

int trust_trace(const char *dir, const struct tcpt_log *log)
{
	char path[PIN_MAX];
	struct stat st;
	int parent, err;

	if (lstat(dir, &st) && errno == EPERM) /* bpffs says so of a name with a dot */
		return bpffs_explain_none(dir, log);
	if (lstat(dir, &st)) /* the messages for these two come from elsewhere */
		return errno == ENOENT || errno == EACCES ? 0 : explain_look(dir, log);
	if (is_elsewhere(dir))
		return bpffs_explain_none(dir, log);
	parent = open_parent(dir, path);
	if (parent < 0)
		return explain_open(path, log);
	err = fstat(parent, &st) ? explain_look(path, log) : check_parent(&st, path, log);
	if (!err)
		err = check_bare(parent, dir, log);
	if (!err)
		err = check_entry(parent, file_name(dir), dir, DEPTH_MAX, log);
	close(parent);
	return err;
}

/* ---- files ---- */

#define ADVICE "if you trust it, give it through a pipe, or use --force"

/*
 * Checks the directories on the way to a file. Everybody who may change one of them can put
 * another file in the place of this one.
 */
static int check_way(char *path, const char *name, const struct tcpt_log *log)
{
	struct stat st;
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		slash[slash == path] = '\0';
		if (stat(path, &st))
			return explain_look(path, log);
		if (!file_is_own(&st) ||
		    (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX)))
			return log_error(log, -EACCES,
					 "%s can be exchanged by others: %s is owned by uid %u, "
					 "group %u, mode %04o; " ADVICE,
					 name, path, st.st_uid, st.st_gid, mode_of(&st));
		if (slash == path)
			break;
	}
	return 0;
}

/* Finds the path of the open file; its name may lead to it by symbolic links. */
static bool find_path(int fd, char *path, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	path[length < 0 ? 0 : length] = '\0';
	return length >= 0;
}

/* The group's bits also cover what an access control list lets others do. */
TCPT_API int tcpt_offsets_check_file(int fd, const char *name, const struct tcpt_log *log)
{
	char path[PATH_MAX];
	bool has_path = find_path(fd, path, sizeof(path));
	struct stat st;

	if (!name)
		name = "the document";
	if (fstat(fd, &st))
		return explain_look(name, log);
	if (!file_is_own(&st))
		return log_error(log, -EACCES,
				 "%s is owned by uid %u, who can change it, and only "
				 "files of root or your own are trusted; " ADVICE,
				 name, st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH) && !S_ISREG(st.st_mode))
		return log_error(log, -EACCES,
				 "%s is no regular file, and others can write to it (owned by uid "
				 "%u, mode %04o, group %u); " ADVICE,
				 name, st.st_uid, mode_of(&st), st.st_gid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return log_error(log, -EACCES,
				 "%s is owned by uid %u, mode %04o, group %u, so that others can "
				 "change it; run: chmod go-w %s, or " ADVICE,
				 name, st.st_uid, mode_of(&st), st.st_gid,
				 advice_path(has_path ? path : name).text);
	return S_ISREG(st.st_mode) && has_path ? check_way(path, name, log) : 0;
}
