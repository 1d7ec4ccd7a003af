// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every user may walk the hierarchy; to open a group by its id takes a capability. */
#include "who/cgroup-walk.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/cgroup.h"
#include "internal.h"

#define DEPTH_MAX 64
#define WALK_PATH_SIZE 4096

struct walk {
	cgroup_walk_visit *visit;
	void *context;
	char path[WALK_PATH_SIZE];
	unsigned int depth;
};

static int walk_below(struct walk *walk, int dir, size_t used);

static int visit_one(struct walk *walk, int parent, const char *name, size_t used)
{
	int n = snprintf(walk->path + used, sizeof(walk->path) - used, "/%s", name);
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t id;
	int err = 0;

	if (dir < 0)
		return 0; /* it has gone meanwhile */
	if ((size_t)n < sizeof(walk->path) - used && !cgroup_id_at(dir, &id))
		err = walk->visit(walk->context, id, walk->path);
	if (!err && (size_t)n < sizeof(walk->path) - used && walk->depth < DEPTH_MAX)
		return walk_below(walk, dir, used + n);
	close(dir);
	return err;
}

/* Takes the descriptor. */
static int walk_below(struct walk *walk, int dir, size_t used)
{
	DIR *entries = fdopendir(dir);
	struct dirent *entry;
	int err = 0;

	if (!entries) {
		close(dir);
		return 0;
	}
	walk->depth++;
	while (!err && (entry = readdir(entries)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			err = visit_one(walk, dir, entry->d_name, used);
	walk->depth--;
	closedir(entries);
	return err;
}

int cgroup_walk(int root, cgroup_walk_visit *visit, void *context)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	uint64_t id;
	int err = 0, dir;

	if (!walk)
		return -ENOMEM;
	walk->visit = visit;
	walk->context = context;
	if (!cgroup_id_at(root, &id))
		err = visit(context, id, "/");
	dir = err ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		err = walk_below(walk, dir, 0);
	free(walk);
	return err;
}
