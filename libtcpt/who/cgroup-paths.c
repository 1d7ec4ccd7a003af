// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The paths of control groups, by their ids. An id is that of no other group until the next
 * boot, and a group of version 2 cannot be renamed. So what was found once holds for good,
 * and a group that cannot be found has gone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* open_by_handle_at() */
#endif
#include "who/cgroup-paths.h"

#include <fcntl.h>

#include "base/cgroup.h"
#include "base/monotonic.h"
#include "base/mounts.h"
#include "internal.h"
#include "who/cgroup-walk.h"

#define PATHS_MAX 1024 /* kept at once; a power of two */
#define WALK_NS 100000000ULL /* at the least, between two walks */
#define LINK_SIZE 4352

struct cgroup_paths {
	int mount; /* a mount at no place lasts as long as this is open */
	int root; /* of the hierarchy; negative: it cannot be used */
	char prefix[LINK_SIZE]; /* where that is mounted; empty for / */
	bool may_open; /* groups by their ids */
	uint64_t walked; /* CLOCK_MONOTONIC, ns */
	struct cgroup_path known[PATHS_MAX];
};

/* ---- what is known ---- */

static struct cgroup_path *place_of(struct cgroup_paths *paths, uint64_t id)
{
	return &paths->known[(id ^ id >> 32) % PATHS_MAX];
}

/* Takes the place of the group that was there before. Without memory the path is not known. */
static struct cgroup_path *note(struct cgroup_paths *paths, uint64_t id, const char *path)
{
	struct cgroup_path *place = place_of(paths, id);

	free(place->path);
	place->id = id;
	place->path = path ? strdup(path) : NULL;
	cgroup_names_parse(&place->names, path ? path : "");
	return place;
}

/* ---- a group by its id ---- */

static bool read_link(int fd, char *target, size_t size)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, size - 1);
	target[n < 0 ? 0 : n] = '\0';
	return n > 0 && (size_t)n < size - 1;
}

/* The kernel puts this behind the path of a group that has just gone. */
static void cut_deleted(int root, char *path)
{
	static const char deleted[] = " (deleted)";
	size_t size = strlen(path), end = sizeof(deleted) - 1;

	if (size > end && !strcmp(path + size - end, deleted) && faccessat(root, path + 1, F_OK, 0))
		path[size - end] = '\0';
}

/* Returns the path of a group below the mount's place; NULL if it is not below. */
static char *path_of(const struct cgroup_paths *paths, int fd, char *target)
{
	size_t size = strlen(paths->prefix);

	if (!read_link(fd, target, LINK_SIZE) || strncmp(target, paths->prefix, size))
		return NULL;
	target += size;
	if (!*target)
		return strcpy(target, "/");
	if (*target != '/')
		return NULL;
	cut_deleted(paths->root, target);
	return target;
}

static const struct cgroup_path *open_and_note(struct cgroup_paths *paths, uint64_t id)
{
	char target[LINK_SIZE];
	struct cgroup_path *place;
	int fd = cgroup_open_id(paths->root, id);

	if (fd == -EPERM)
		paths->may_open = false;
	if (fd < 0 && fd != -ESTALE)
		return NULL;
	place = note(paths, id, fd < 0 ? NULL : path_of(paths, fd, target));
	if (fd >= 0)
		close(fd);
	return place;
}

/* ---- the whole hierarchy ---- */

struct search {
	struct cgroup_paths *paths;
	uint64_t wanted;
	char path[LINK_SIZE]; /* of the wanted one */
};

static int visit(void *context, uint64_t id, const char *path)
{
	struct search *search = context;

	if (id == search->wanted)
		snprintf(search->path, sizeof(search->path), "%s", path);
	else
		note(search->paths, id, path);
	return 0;
}

/* It takes a moment, so that many groups that are new or gone don't cause as many walks. */
static const struct cgroup_path *walk_and_note(struct cgroup_paths *paths, uint64_t id)
{
	struct search search = { .paths = paths, .wanted = id };

	if (paths->walked && monotonic_ns() - paths->walked < WALK_NS)
		return NULL;
	cgroup_walk(paths->root, visit, &search);
	paths->walked = monotonic_ns();
	return note(paths, id, *search.path ? search.path : NULL);
}

const struct cgroup_path *cgroup_path_of(struct cgroup_paths *paths, uint64_t id)
{
	const struct cgroup_path *place = place_of(paths, id);

	if (!id || paths->root < 0)
		return NULL;
	if (place->id != id)
		place = paths->may_open ? open_and_note(paths, id) : NULL;
	if (!place && !paths->may_open)
		place = walk_and_note(paths, id);
	return place && place->path ? place : NULL;
}

/* ---- the hierarchy ---- */

static void say_what_lacks(const struct tcpt_log *log, int err)
{
	if (err == -EXDEV)
		log_warning(log, "control groups are not resolved: this process is in a cgroup "
				 "namespace, and does not see those of the host");
	else if (err == -ENODEV)
		log_warning(log, "control groups are not resolved: this kernel has none of "
				 "version 2, and events know no others");
	else
		log_warning(log,
			    "control groups are not resolved: cannot open the hierarchy of "
			    "version 2: %s",
			    strerror(-err));
}

static bool has_version_1(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	struct mount mount;
	bool found = false;

	while (mounts && !found && mount_read(mounts, &mount))
		found = !strcmp(mount.type, "cgroup");
	if (mounts)
		fclose(mounts);
	return found;
}

static void say_what_is_not_seen(const struct tcpt_log *log, const char *place)
{
	if (!has_version_1())
		return;
	log_warning(log,
		    "this host has control groups of version 1 too, which events do not know: "
		    "cgroup_path, service and container are those of version 2%s%s, and are left "
		    "out or / where a process is only in one of version 1",
		    *place ? ", at " : ", which is not mounted", place);
}

/* Nothing can be opened by its handle with a descriptor of the mount itself. */
static int open_root(struct cgroup_paths *paths)
{
	paths->root = -1;
	paths->mount = cgroup_open_root();
	if (paths->mount < 0)
		return paths->mount;
	paths->root = openat(paths->mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return paths->root < 0 ? -errno : 0;
}

struct cgroup_paths *cgroup_paths_open(const struct tcpt_log *log)
{
	struct cgroup_paths *paths = calloc(1, sizeof(*paths));
	int err;

	if (!paths)
		return NULL;
	err = open_root(paths);
	paths->may_open = true;
	if (err) {
		say_what_lacks(log, err);
		return paths;
	}
	if (!read_link(paths->root, paths->prefix, sizeof(paths->prefix)))
		paths->may_open = false;
	if (!strcmp(paths->prefix, "/"))
		paths->prefix[0] = '\0';
	say_what_is_not_seen(log, paths->prefix);
	return paths;
}

void cgroup_paths_close(struct cgroup_paths *paths)
{
	if (!paths)
		return;
	for (unsigned int i = 0; i < PATHS_MAX; i++)
		free(paths->known[i].path);
	if (paths->root >= 0)
		close(paths->root);
	if (paths->mount >= 0)
		close(paths->mount);
	free(paths);
}
