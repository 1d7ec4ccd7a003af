// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "output.h"
#include "place.h"

struct cache {
	const struct cli_log *log;
	const char *dir;
	const char *id; /* the running kernel's build id, which is the file's name */
	bool is_foreign; /* others could change what is in dir */
	char path[PATH_MAX];
	char why[PATH_MAX + 512]; /* why the kept offsets are not used */
};

/* ---- messages ---- */

static int reject(struct cache *cache, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int reject(struct cache *cache, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cache->why, sizeof(cache->why), fmt, ap);
	va_end(ap);
	return err;
}

/* Keeps the library's reason of a failure, which becomes part of this program's message. */
static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	struct cache *cache = arg;
	const struct tcpt_log *log = &cache->log->log;

	if (level != TCPT_LOG_ERROR)
		log->message(log->arg, level, text);
	else if (!*cache->why)
		snprintf(cache->why, sizeof(cache->why), "%s", text);
}

static bool is_beyond_us(int err)
{
	return err == -EPERM || err == -EOPNOTSUPP;
}

/* ---- the kept offsets ---- */

/* Checks that nobody but root and the caller can have put it there. */
static int check_owner(struct cache *cache, const char *path, const struct stat *st)
{
	if (place_is_own(st) && !(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return reject(cache, -EACCES,
		      "warning: %s is owned by uid %u, mode %04o, so that others can change it",
		      path, (unsigned int)st->st_uid, (unsigned int)st->st_mode & 07777);
}

static int open_dir(struct cache *cache)
{
	int fd = open(cache->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return reject(cache, -ENOENT, "no offsets of this kernel build are kept in %s",
			      cache->dir);
	if (fd < 0)
		return reject(cache, -errno, "cannot open %s: %s", cache->dir, strerror(errno));
	if (!fstat(fd, &st) && !check_owner(cache, cache->dir, &st))
		return fd;
	cache->is_foreign = true;
	close(fd);
	return -EACCES;
}

static int check_file(struct cache *cache, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return reject(cache, -errno, "cannot examine %s: %s", cache->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return reject(cache, -EINVAL, "%s is not a regular file", cache->path);
	return check_owner(cache, cache->path, &st);
}

static int open_file(struct cache *cache)
{
	int dir = open_dir(cache), fd, err;

	if (dir < 0)
		return dir;
	/* It follows no symbolic link, and does not wait for a pipe. */
	fd = openat(dir, cache->id, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	err = -errno;
	close(dir);
	if (fd < 0 && err == -ENOENT)
		return reject(cache, err, "no offsets of this kernel build are kept in %s",
			      cache->dir);
	if (fd < 0)
		return reject(cache, err, "cannot open %s: %s", cache->path, strerror(-err));
	err = check_file(cache, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void drop(struct tcpt_offsets **offsets)
{
	tcpt_offsets_free(*offsets);
	*offsets = NULL;
}

static int read_file(struct cache *cache, struct tcpt_offsets **offsets)
{
	const struct tcpt_log log = { on_message, cache };
	int fd = open_file(cache), err;
	const char *id;

	if (fd < 0)
		return fd;
	err = tcpt_offsets_read(offsets, fd, cache->path, &log);
	close(fd);
	if (err)
		return err;
	id = tcpt_offsets_build_id(*offsets);
	if (id && !strcmp(id, cache->id))
		return 0;
	drop(offsets);
	return reject(cache, -ESTALE, "%s is of another kernel build (%s)", cache->path,
		      id ? id : "without a build id");
}

/* Names the file in the message; the library's part names the field. */
static int verify(struct cache *cache, const struct tcpt_offsets *offsets)
{
	const struct tcpt_log log = { on_message, cache };
	int err = tcpt_offsets_verify(offsets, &log);
	char what[512];

	if (!err || is_beyond_us(err))
		return err;
	snprintf(what, sizeof(what), "%s", *cache->why ? cache->why : strerror(-err));
	return reject(cache, err, "%s: %s", cache->path, what);
}

static int get_kept(struct cache *cache, struct tcpt_offsets **offsets)
{
	int err = read_file(cache, offsets);

	if (is_beyond_us(err)) /* the file is: that says nothing of BPF */
		err = -EACCES;
	if (err)
		return err;
	err = verify(cache, *offsets);
	if (err)
		drop(offsets);
	return err;
}

/* ---- guessed offsets ---- */

static int make_dirs(const char *dir)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/", dir);

	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int write_kept(struct cache *cache, const struct tcpt_offsets *offsets)
{
	char *text = tcpt_offsets_text(offsets);
	mode_t before = umask(022);
	int err = text ? make_dirs(cache->dir) : -errno, dir;

	dir = err ? err : open_dir(cache);
	if (dir >= 0) {
		err = output_replace(dir, cache->id, text, strlen(text));
		close(dir);
	}
	umask(before);
	free(text);
	return dir < 0 ? dir : err;
}

static void keep(struct cache *cache, const struct tcpt_offsets *offsets)
{
	int err = cache->id && !cache->is_foreign ? write_kept(cache, offsets) : 0;

	if (err)
		cli_error(cache->log->cli, "warning: cannot keep the offsets as %s: %s",
			  cache->path, strerror(-err));
}

static int guess_anew(struct cache *cache, struct tcpt_offsets **offsets)
{
	const struct tcpt_guess_opts opts = { .size = sizeof(opts), .log = &cache->log->log };
	struct tcpt_guess *guess;
	int err;

	cli_error(cache->log->cli, "%s; guessing the offsets", cache->why);
	err = tcpt_guess_run(&guess, &opts);
	if (!err) {
		*offsets = tcpt_offsets_copy(tcpt_guess_offsets(guess));
		err = *offsets ? 0 : -ENOMEM;
	}
	tcpt_guess_free(guess);
	if (!err)
		keep(cache, *offsets);
	return err;
}

/* ---- both ---- */

static int get_with_id(struct cache *cache, struct tcpt_offsets **offsets)
{
	int err;

	if (!cache->id) {
		reject(cache, -ENOENT, "this kernel has no build id to keep its offsets by");
		return guess_anew(cache, offsets);
	}
	if (snprintf(cache->path, sizeof(cache->path), "%s/%s", cache->dir, cache->id) >=
	    (int)sizeof(cache->path)) {
		cli_error(cache->log->cli, "the name of the directory is too long: %s", cache->dir);
		return -ENAMETOOLONG;
	}
	err = get_kept(cache, offsets);
	if (!err || !is_beyond_us(err))
		return err ? guess_anew(cache, offsets) : 0;
	cli_error(cache->log->cli, "%s", cache->why);
	return err;
}

int cache_get(struct tcpt_offsets **offsets, const char *dir, const struct cli_log *log)
{
	struct tcpt_offsets *running = tcpt_offsets_new();
	struct cache *cache = calloc(1, sizeof(*cache));
	int err = -ENOMEM;

	if (running && cache) {
		cache->log = log;
		cache->dir = dir;
		cache->id = tcpt_offsets_build_id(running);
		err = get_with_id(cache, offsets);
	}
	free(cache);
	tcpt_offsets_free(running);
	return err;
}
