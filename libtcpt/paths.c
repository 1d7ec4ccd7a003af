// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Fields that are found by what they lead to. A path starts at the sock or the
 * task, follows one pointer after the other, and ends at something known. All
 * its offsets are unknown at first; those that lead there in every snapshot
 * are kept, whole paths at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "guess.h"

#define PATH_MAX_STEPS 3
#define LIST_MAX 65536

enum target {
	TARGET_NETNS, /* the last field holds the needle */
	TARGET_SOCK, /* the last field holds the address of the sock */
	TARGET_SOCKET, /* the last field holds what sk_socket holds */
	TARGET_FILE, /* the array behind the last field holds socket.file at the descriptor's index */
};

struct path {
	bool from_task; /* else from the sock */
	enum target target;
	unsigned int steps;
	enum field step[PATH_MAX_STEPS];
};

static const struct path netns_paths[] = {
	{ false, TARGET_NETNS, 2, { F_SKC_NET, F_NET_INUM } },
};

/* In this order: each gives the next one its target. */
static const struct path descriptor_paths[] = {
	{ false, TARGET_SOCK, 2, { F_SK_SOCKET, F_SOCKET_SK } },
	{ false, TARGET_SOCKET, 3, { F_SK_SOCKET, F_SOCKET_FILE, F_FILE_PRIVATE_DATA } },
	{ true, TARGET_FILE, 3, { F_TASK_FILES, F_FILES_FDT, F_FDTABLE_FD } },
};

struct list {
	unsigned int count;
	unsigned int room;
	struct assignment *of;
	bool overflowed; /* some were not kept, the truth may be one of them */
};

static void list_add(struct list *list, const struct assignment *a)
{
	if (list->count == LIST_MAX) {
		list->overflowed = true;
		return;
	}
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->of = reallocarray(list->of, list->room, sizeof(*list->of));
		if (!list->of)
			abort();
	}
	list->of[list->count++] = *a;
}

static bool applies(const struct path *path, const struct snapshot *snap)
{
	if (path->target == TARGET_NETNS)
		return snapshot_needle(snap, F_NET_INUM);
	return snap->fd >= 0 && (!path->from_task || snap->task_bytes);
}

static bool read_root(const struct path *path, const struct snapshot *snap, unsigned int at,
		      uint64_t *value)
{
	if (at + sizeof(*value) > base_window[fields[path->step[0]].base])
		return false;
	if (path->from_task)
		memcpy(value, snap->task_bytes + at, sizeof(*value));
	else if (snap->sock_missing >> at / MEMORY_CHUNK & 1)
		return false;
	else
		memcpy(value, snap->sock_bytes + at, sizeof(*value));
	return true;
}

/* What the path's end must hold, as far as the assignment tells. */
static bool target_value(const struct path *path, const struct assignment *a,
			 const struct snapshot *snap, struct memory *mem, uint64_t *value)
{
	uint64_t socket;
	uint32_t inode;

	switch (path->target) {
	case TARGET_NETNS:
		memcpy(&inode, snapshot_needle(snap, F_NET_INUM)->bytes, sizeof(inode));
		*value = inode;
		return true;
	case TARGET_SOCK:
		*value = snap->sock;
		return true;
	case TARGET_SOCKET:
		memcpy(value, snap->sock_bytes + a->at[F_SK_SOCKET], sizeof(*value));
		return true;
	case TARGET_FILE:
		if (a->at[F_SK_SOCKET] < 0 || a->at[F_SOCKET_FILE] < 0)
			return false;
		memcpy(&socket, snap->sock_bytes + a->at[F_SK_SOCKET], sizeof(socket));
		return memory_read(mem, socket + a->at[F_SOCKET_FILE], value, sizeof(*value));
	}
	return false;
}

static bool ends_at(const struct path *path, const struct snapshot *snap, struct memory *mem,
		    uint64_t address, unsigned int at, uint64_t target)
{
	unsigned int size = fields[path->step[path->steps - 1]].size;
	uint64_t value = 0;

	if (!memory_read(mem, address + at, &value, size))
		return false;
	if (path->target != TARGET_FILE)
		return value == target;
	return is_kernel_pointer(value) &&
	       memory_read(mem, value + sizeof(void *) * snap->fd, &value, sizeof(value)) &&
	       value == target;
}

/* Does the whole path hold in this snapshot? */
static bool path_holds(const struct path *path, const struct assignment *a,
		       const struct snapshot *snap, struct memory *mem)
{
	uint64_t target, address;

	if (!target_value(path, a, snap, mem, &target) ||
	    !read_root(path, snap, a->at[path->step[0]], &address))
		return false;
	for (unsigned int i = 1; i + 1 < path->steps; i++) {
		if (!is_kernel_pointer(address) ||
		    !memory_read(mem, address + a->at[path->step[i]], &address, sizeof(address)))
			return false;
	}
	return is_kernel_pointer(address) &&
	       ends_at(path, snap, mem, address, a->at[path->step[path->steps - 1]], target);
}

static bool same_group(enum varies varies, const struct snapshot *a, const struct snapshot *b)
{
	switch (varies) {
	case VARIES_BY_SOCK:
		return a->sock == b->sock;
	case VARIES_BY_NETNS:
		return a->netns == b->netns;
	case VARIES_BY_FDTABLE:
		return a->fdtable == b->fdtable;
	case VARIES_FREELY:
		break;
	}
	return true;
}

/* A first step must be a pointer in every snapshot, and change just when it has to. */
static bool may_start(const struct path *path, unsigned int at, struct snapshot *const *snaps,
		      unsigned int count)
{
	enum varies varies = fields[path->step[0]].varies;
	const struct snapshot *first = NULL;
	uint64_t there = 0, here;

	for (unsigned int s = 0; s < count; s++) {
		if (!applies(path, snaps[s]))
			continue;
		if (!read_root(path, snaps[s], at, &here) || !is_kernel_pointer(here))
			return false;
		if (first && varies != VARIES_FREELY &&
		    (here == there) != same_group(varies, first, snaps[s]))
			return false;
		if (!first) {
			first = snaps[s];
			there = here;
		}
	}
	return first;
}

struct search {
	const struct path *path;
	const struct snapshot *snap;
	struct memory *mem;
	uint64_t target;
	struct assignment trial;
	struct list *out;
};

/* Tries all offsets of step number i in the struct at address. */
static void search_step(struct search *s, unsigned int i, uint64_t address)
{
	enum field f = s->path->step[i];
	unsigned int window = base_window[fields[f].base];
	bool last = i + 1 == s->path->steps;
	uint64_t value;

	for (unsigned int at = 0; at + fields[f].size <= window; at += fields[f].align) {
		s->trial.at[f] = at;
		if (last) {
			if (ends_at(s->path, s->snap, s->mem, address, at, s->target))
				list_add(s->out, &s->trial);
		} else if (memory_read(s->mem, address + at, &value, sizeof(value)) &&
			   is_kernel_pointer(value)) {
			search_step(s, i + 1, value);
		}
	}
	s->trial.at[f] = OFFSET_UNSET;
}

static void search_from(struct search *s, struct snapshot *const *snaps, unsigned int count)
{
	enum field f = s->path->step[0];
	unsigned int window = base_window[fields[f].base];
	int known = s->trial.at[f];
	uint64_t value;

	for (unsigned int at = 0; at + sizeof(value) <= window; at += fields[f].align) {
		if ((known >= 0 && at != (unsigned int)known) ||
		    !may_start(s->path, at, snaps, count) ||
		    !read_root(s->path, s->snap, at, &value))
			continue;
		s->trial.at[f] = at;
		search_step(s, 1, value);
	}
	s->trial.at[f] = known;
}

/* How many values a field has in the list; the first of them go into answer. */
static unsigned int distinct(const struct list *list, enum field f, struct answer *answer)
{
	bool *met = calloc(OFFSET_MAX + 1, sizeof(*met));
	unsigned int n = 0;

	if (!met)
		abort();
	for (unsigned int i = 0; i < list->count; i++) {
		int at = list->of[i].at[f];

		if (at < 0 || met[at])
			continue;
		met[at] = true;
		if (answer && n < CANDIDATES_SHOWN)
			answer->candidate[n] = at;
		n++;
	}
	free(met);
	return n;
}

static void note_left(struct solution *solution, const struct path *path, const struct list *list,
		      unsigned int s)
{
	for (unsigned int i = 0; i < path->steps; i++)
		solution->answer[path->step[i]].left[s] = distinct(list, path->step[i], NULL);
}

static void filter(struct list *list, const struct path *path, const struct snapshot *snap,
		   struct memory *mem)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < list->count; i++)
		if (path_holds(path, &list->of[i], snap, mem))
			list->of[kept++] = list->of[i];
	list->count = kept;
}

/* Extends each assignment of in by the path's unknown offsets. */
static void extend(struct solution *solution, const struct path *path, const struct list *in,
		   struct list *out, struct snapshot *const *snaps, unsigned int count,
		   struct memory *mem)
{
	bool searched = false;

	for (unsigned int s = 0; s < count; s++) {
		if (!applies(path, snaps[s]))
			continue;
		if (searched)
			filter(out, path, snaps[s], mem);
		for (unsigned int i = 0; !searched && i < in->count; i++) {
			struct search search = { path, snaps[s], mem, 0, in->of[i], out };

			if (target_value(path, &in->of[i], snaps[s], mem, &search.target))
				search_from(&search, snaps, count);
		}
		searched = true;
		note_left(solution, path, out, s);
	}
}

static bool is_tried(const struct path *path, struct snapshot *const *snaps, unsigned int count)
{
	for (unsigned int s = 0; s < count; s++)
		if (applies(path, snaps[s]))
			return true;
	return false;
}

static void conclude(struct solution *solution, const struct path *path, const struct list *list)
{
	for (unsigned int i = 0; i < path->steps; i++) {
		struct answer *answer = &solution->answer[path->step[i]];

		answer->candidates = distinct(list, path->step[i], answer);
		answer->verdict = !answer->candidates				? VERDICT_NOT_FOUND :
				  answer->candidates > 1 || list->overflowed	? VERDICT_AMBIGUOUS :
										  VERDICT_FOUND;
	}
}

/*
 * One path after the other, as long as each leads somewhere. All or nothing:
 * what a path has found is only proved by the next one.
 */
static void solve_chain(struct solution *solution, const struct path *paths, unsigned int n,
			struct snapshot *const *snaps, unsigned int count, struct memory *mem)
{
	struct list known = {}, longer;
	struct assignment nothing;

	for (int f = 0; f < FIELD_COUNT; f++)
		nothing.at[f] = OFFSET_UNSET;
	list_add(&known, &nothing);
	for (unsigned int p = 0; p < n && known.count && is_tried(&paths[p], snaps, count); p++) {
		longer = (struct list){ .overflowed = known.overflowed };
		extend(solution, &paths[p], &known, &longer, snaps, count, mem);
		free(known.of);
		known = longer;
		for (unsigned int q = 0; q <= p; q++)
			conclude(solution, &paths[q], &known);
	}
	free(known.of);
}

void solve_paths(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem)
{
	solve_chain(solution, netns_paths, ARRAY_SIZE(netns_paths), snaps, count, mem);
	solve_chain(solution, descriptor_paths, ARRAY_SIZE(descriptor_paths), snaps, count, mem);
}

static int contradicted(const struct path *path, const struct assignment *a,
			const struct snapshot *snap, struct memory *mem)
{
	for (unsigned int i = 0; i < path->steps; i++)
		if (a->at[path->step[i]] < 0)
			return -1;
	if (!applies(path, snap) || path_holds(path, a, snap, mem))
		return -1;
	return path->step[path->steps - 1];
}

int paths_contradicted(const struct assignment *a, const struct snapshot *snap, struct memory *mem)
{
	int f = contradicted(&netns_paths[0], a, snap, mem);

	for (unsigned int p = 0; f < 0 && p < ARRAY_SIZE(descriptor_paths); p++)
		f = contradicted(&descriptor_paths[p], a, snap, mem);
	return f;
}

static bool follow(const struct assignment *found, enum field f, struct memory *mem, uint64_t *address)
{
	return found->at[f] >= 0 && is_kernel_pointer(*address) &&
	       memory_read(mem, *address + found->at[f], address, sizeof(*address));
}

uint64_t paths_walk(const struct assignment *found, uint64_t task, int fd, struct memory *mem)
{
	static const enum field steps[] = { F_TASK_FILES, F_FILES_FDT, F_FDTABLE_FD };
	static const enum field to_sock[] = { F_FILE_PRIVATE_DATA, F_SOCKET_SK };
	uint64_t address = task;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (!follow(found, steps[i], mem, &address))
			return 0;
	if (!memory_read(mem, address + sizeof(void *) * fd, &address, sizeof(address)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(to_sock); i++)
		if (!follow(found, to_sock[i], mem, &address))
			return 0;
	return address;
}
