// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "place.h"

#define TRIES 100 /* names for the temporary file */

/* ---- the destination ---- */

static bool is_stdout(const char *path)
{
	return !path || !strcmp(path, "-");
}

/*
 * Returns the descriptor that path is a name of, or -1. Opening it again would lose its
 * position.
 */
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

static bool is_device_of_terminal(const struct place *place)
{
	int fd = place->file >= 0 && S_ISCHR(place->st.st_mode) ?
			 place_open(place, O_WRONLY | O_NOCTTY | O_NONBLOCK) :
			 -1;
	bool is = fd >= 0 && isatty(fd);

	if (fd >= 0)
		close(fd);
	return is;
}

bool output_is_terminal(const char *path)
{
	int fd = is_stdout(path) ? STDOUT_FILENO : own_descriptor(path);
	struct place place;
	bool is;

	if (fd >= 0)
		return isatty(fd);
	is = !place_find(&place, path) && is_device_of_terminal(&place);
	place_close(&place);
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

static int write_straight(const struct place *place, const void *data, size_t size)
{
	int fd = place_open(place, O_WRONLY | O_NOCTTY), err;

	if (fd < 0)
		return fd;
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* Makes a file with a new name beside the file. The umask decides who may read it, as usual. */
static int create_beside(const struct place *place, char *name, size_t room)
{
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		snprintf(name, room, ".tcpt-%d-%d", getpid(), i);
		fd = openat(place->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* Fills the file and closes it. old is the file to be replaced, or NULL. */
static int fill(int fd, const struct stat *old, const void *data, size_t size)
{
	int err = 0;

	/* If the caller may not give it away, the caller owns it from now on. */
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

/* Replaces the file. The new one gets owner and mode of old, unless old is NULL. */
static int replace(const struct place *place, const struct stat *old, const void *data, size_t size)
{
	char name[64];
	int fd = create_beside(place, name, sizeof(name)), err;

	if (fd < 0)
		return fd;
	err = fill(fd, old, data, size);
	if (!err && renameat(place->dir, name, place->dir, place->name))
		err = -errno;
	if (err)
		unlinkat(place->dir, name, 0);
	return err;
}

/* Replaces the file, if the caller could also write it. */
static int replace_found(const struct place *place, const void *data, size_t size)
{
	int fd;

	if (place->file < 0)
		return replace(place, NULL, data, size);
	fd = place_open(place, O_WRONLY | O_NOCTTY);
	if (fd < 0)
		return fd;
	close(fd);
	return replace(place, &place->st, data, size);
}

/* Writes, and blocks signals while there is a temporary file that they would leave behind. */
static int write_place(struct place *place, const void *data, size_t size)
{
	sigset_t all, before;
	int err = place_check(place);

	if (err)
		return err;
	if (place->file >= 0 && !S_ISREG(place->st.st_mode))
		return write_straight(place, data, size);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = replace_found(place, data, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

int output_replace(int dir, const char *name, const void *data, size_t size)
{
	struct place place = { .dir = dir, .file = -1 };
	sigset_t all, before;
	int err;

	if ((size_t)snprintf(place.name, sizeof(place.name), "%s", name) >= sizeof(place.name))
		return -ENAMETOOLONG;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = replace(&place, NULL, data, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

static int write_file(const char *path, const void *data, size_t size, const char **why)
{
	int fd = own_descriptor(path), err;
	struct place place;

	if (fd >= 0)
		return write_all(fd, data, size);
	err = place_find(&place, path);
	if (!err)
		err = write_place(&place, data, size);
	*why = place.why;
	place_close(&place);
	return err;
}

int output_write(const struct cli *cli, const char *path, const void *data, size_t size)
{
	const char *why = NULL;
	int err;

	if (is_stdout(path)) {
		fwrite(data, 1, size, stdout);
		return 0;
	}
	err = write_file(path, data, size, &why);
	if (!err)
		return 0;
	cli_error(cli, "cannot write %s: %s", path, why ? why : strerror(-err));
	/* The file is the cause, not a lack in the kernel or in the privileges for BPF. */
	return err == -EPERM || err == -EOPNOTSUPP ? -EACCES : err;
}
