// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The way to a file, a step at a time, each from a descriptor of the step before.
 * A path that is resolved twice can lead to two files.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "place.h"

#define LINKS_MAX 40 /* as the kernel */

struct walk {
	struct place *place;
	char rest[PATH_MAX]; /* the rest of the path */
	unsigned int links;
	bool is_link; /* the last part is a symbolic link, or one led to it */
};

static int fail(struct place *place, const char *why)
{
	place->why = why;
	return -EACCES;
}

bool place_is_own(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static int set_dir(struct place *place, int dir)
{
	int err = dir < 0 ? -errno : 0;

	if (place->dir >= 0)
		close(place->dir);
	place->dir = dir;
	return err;
}

static int set_file(struct place *place, int flags)
{
	if (place->file >= 0)
		close(place->file);
	place->file = openat(place->dir, place->name, O_PATH | O_CLOEXEC | flags);
	if (place->file < 0 || fstat(place->file, &place->st))
		return -errno;
	return 0;
}

/* Returns true in /proc, whose symbolic links lead to files that may have no path. */
static bool is_in_proc(const struct place *place)
{
	struct statfs fs;

	return !fstatfs(place->dir, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* Takes the next part off the path, and sets *last if it is the last one. */
static int next_part(struct walk *walk, bool *last)
{
	struct place *place = walk->place;
	char *rest = walk->rest;
	size_t size, skip;

	rest += strspn(rest, "/");
	size = strcspn(rest, "/");
	if (size > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(place->name, rest, size);
	place->name[size] = '\0';
	*last = !rest[size];
	skip = rest - walk->rest + size;
	memmove(walk->rest, walk->rest + skip, strlen(walk->rest + skip) + 1);
	return 0;
}

/* Puts the link's text before the rest of the path, and starts at the root if it says so. */
static int follow(struct walk *walk)
{
	struct place *place = walk->place;
	char text[PATH_MAX];
	ssize_t size = readlinkat(place->file, "", text, sizeof(text));

	if (!place_is_own(&place->st) || place->st.st_nlink != 1)
		return fail(place, "it leads through a symbolic link that another user has made");
	if (size < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	if (size + strlen(walk->rest) >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	walk->is_link |= !*walk->rest;
	memmove(walk->rest + size, walk->rest, strlen(walk->rest) + 1);
	memcpy(walk->rest, text, size);
	if (*walk->rest != '/')
		return 0;
	return set_dir(place, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int enter(struct place *place)
{
	int dir = openat(place->dir, place->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return set_dir(place, dir);
}

/* Goes one step. Returns 1 at the end of the path, 0 before. */
static int step(struct walk *walk)
{
	struct place *place = walk->place;
	bool last;
	int err = next_part(walk, &last);

	if (err)
		return err;
	if (!*place->name || !strcmp(place->name, ".") || !strcmp(place->name, ".."))
		return last ? -EISDIR : *place->name ? enter(place) : 0;
	err = set_file(place, O_NOFOLLOW);
	if (!err && S_ISLNK(place->st.st_mode)) {
		if (!is_in_proc(place))
			return follow(walk);
		err = set_file(place, 0);
	}
	if (last && err == -ENOENT && !walk->is_link)
		return 1;
	if (err || last)
		return err ? err : 1;
	if (!S_ISDIR(place->st.st_mode))
		return -ENOTDIR;
	return set_dir(place, openat(place->file, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int place_find(struct place *place, const char *path)
{
	struct walk walk = { .place = place };
	int err;

	*place = (struct place){ .dir = -1, .file = -1 };
	if (!*path)
		return -ENOENT;
	if (snprintf(walk.rest, sizeof(walk.rest), "%s", path) >= (int)sizeof(walk.rest))
		return -ENAMETOOLONG;
	err = set_dir(place, open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
	while (!err)
		err = step(&walk);
	if (err < 0)
		return err;
	return place->file >= 0 && S_ISDIR(place->st.st_mode) ? -EISDIR : 0;
}

/* It opens the file by its descriptor; without /proc by its name, if that is the same file. */
int place_open(const struct place *place, int flags)
{
	char path[32];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", place->file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	fd = openat(place->dir, place->name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && st.st_ino == place->st.st_ino && st.st_dev == place->st.st_dev)
		return fd;
	close(fd);
	return -EAGAIN;
}

/* The owner of a directory, and the members of its group, may decide what is in it. */
int place_check(struct place *place)
{
	struct stat dir;

	if (fstat(place->dir, &dir))
		return -errno;
	if (!(dir.st_mode & S_IWOTH))
		return 0;
	if (!(dir.st_mode & S_ISVTX))
		return fail(place, "anybody can exchange it, because its directory is "
				   "writable by all and has no sticky bit");
	if (place->file >= 0 && !place_is_own(&place->st))
		return fail(place,
			    "another user has made it, in a directory that is writable by all");
	return 0;
}

void place_close(struct place *place)
{
	if (place->file >= 0)
		close(place->file);
	if (place->dir >= 0)
		close(place->dir);
}
