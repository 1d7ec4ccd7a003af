// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

#define TRIES 100 /* names for the temporary file */

/* ---- where to ---- */

static bool is_stdout(const char *path)
{
	return !path || !strcmp(path, "-");
}

/* The descriptor that path is a name of, or -1. To open it again would lose its position. */
static int own_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (!strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *number = path + strlen(folders[i]);

		if (!strncmp(path, folders[i], strlen(folders[i])) && strlen(number) < 9 &&
		    *number && number[strspn(number, "0123456789")] == '\0')
			return atoi(number);
	}
	return -1;
}

bool output_is_terminal(const char *path)
{
	int fd = is_stdout(path) ? STDOUT_FILENO : own_descriptor(path);
	struct stat st;
	bool is;

	if (fd >= 0)
		return isatty(fd);
	if (stat(path, &st) || !S_ISCHR(st.st_mode))
		return false;
	fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	is = fd >= 0 && isatty(fd);
	if (fd >= 0)
		close(fd);
	return is;
}

/* ---- writing ---- */

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
	return 0;
}

static int write_straight(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* A name of its own beside the file; who may read it is left to the umask, as with any file. */
static int create_beside(char *name, size_t room, const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? slash + 1 - path : 0, fd = -1;

	for (int i = 0; i < TRIES; i++) {
		if ((size_t)snprintf(name, room, "%.*s.tcpt-%d-%d", folder, path, getpid(), i) >= room)
			return -ENAMETOOLONG;
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* old: what is replaced, NULL if there is nothing. */
static int fill(int fd, const struct stat *old, const void *data, size_t size)
{
	int err = 0;

	/* Where we may not give it away it is ours from now on. */
	if (old && (old->st_uid != geteuid() || old->st_gid != getegid()) &&
	    fchown(fd, old->st_uid, old->st_gid) && errno != EPERM)
		err = -errno;
	if (!err && old && fchmod(fd, old->st_mode & 0777))
		err = -errno;
	if (!err)
		err = write_all(fd, data, size);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int replace(const char *path, const struct stat *old, const void *data, size_t size)
{
	char name[PATH_MAX + 32];
	int fd = create_beside(name, sizeof(name), path), err;

	if (fd < 0)
		return fd;
	err = fill(fd, old, data, size);
	if (!err && rename(name, path))
		err = -errno;
	if (err)
		unlink(name);
	return err;
}

/* A symbolic link stays one: what it leads to is replaced. */
static int replace_existing(const char *path, const struct stat *old, const void *data, size_t size)
{
	char *real;
	int err;

	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		return -errno;
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	err = replace(real, old, data, size);
	free(real);
	return err;
}

/* Signals wait while there is a temporary file that they would leave behind. */
static int replace_undisturbed(const char *path, const struct stat *old, const void *data,
			       size_t size)
{
	sigset_t all, before;
	int err;

	signal(SIGXFSZ, SIG_IGN); /* so that write says EFBIG */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = old ? replace_existing(path, old, data, size) : replace(path, NULL, data, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

int output_replace(const char *path, const void *data, size_t size)
{
	return replace_undisturbed(path, NULL, data, size);
}

static int write_file(const char *path, const void *data, size_t size)
{
	int fd = own_descriptor(path);
	struct stat st;

	if (fd >= 0)
		return write_all(fd, data, size);
	if (!stat(path, &st))
		return S_ISREG(st.st_mode) ? replace_undisturbed(path, &st, data, size) :
					     write_straight(path, data, size);
	if (errno != ENOENT)
		return -errno;
	/* Nothing is there, unless a link that leads nowhere. */
	return lstat(path, &st) ? replace_undisturbed(path, NULL, data, size) : -ENOENT;
}

int output_write(const struct cli *cli, const char *path, const void *data, size_t size)
{
	int err;

	if (is_stdout(path)) {
		fwrite(data, 1, size, stdout);
		return 0;
	}
	err = write_file(path, data, size);
	if (!err)
		return 0;
	cli_error(cli, "cannot write %s: %s", path, strerror(-err));
	/* It is the file's fault, not that of the kernel or its privileges for BPF. */
	return err == -EPERM || err == -EOPNOTSUPP ? -EACCES : err;
}
