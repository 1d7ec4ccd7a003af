// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finds fields by following pointers. A path starts at the sock or at the task, follows
 * one pointer after the other, and ends at something known. At first each offset may be
 * any. Paths are kept as a whole: those that lead there in every snapshot.
 */
#include "guess/memory.h"
#include "guess/snapshot.h"
#include "guess/solver-paths.h"
#include "internal.h"
#include "offsets/offsets.h"

#define LIST_MAX 65536

struct list {
	unsigned int count;
	unsigned int room;
	struct assignment *of;
	bool overflowed; /* some were not kept, and the right one may be among them */
	bool is_short; /* some were not kept, because memory is short */
};

static bool grow(struct list *list)
{
	unsigned int room = list->room ? list->room * 2 : 64;
	struct assignment *of = reallocarray(list->of, room, sizeof(*of));

	if (!of)
		return false;
	list->of = of;
	list->room = room;
	return true;
}

static void list_add(struct list *list, const struct assignment *a)
{
	if (list->count == LIST_MAX) {
		list->overflowed = true;
		return;
	}
	if (list->count == list->room && !grow(list)) {
		list->is_short = true;
		return;
	}
	list->of[list->count++] = *a;
}

static bool applies(const struct path *path, const struct snapshot *snap)
{
	if (path->goal == GOAL_NEEDLE)
		return snapshot_needle(snap, path->step[path->steps - 1]);
	return snap->fd >= 0 && (path->root == BASE_SOCK || snap->task_bytes);
}

/* Reads the pointer at an offset of the struct that a path starts from. */
static bool read_root(enum base root, const struct snapshot *snap, unsigned int at,
		      const struct machine *machine, uint64_t *value)
{
	const unsigned char *bytes = root == BASE_SOCK ? snap->sock_bytes : snap->task_bytes;

	if (at + machine->pointer_size > base_window[root] ||
	    (root == BASE_SOCK && snap->sock_missing >> at / MEMORY_CHUNK & 1))
		return false;
	*value = machine_value(machine, bytes + at, machine->pointer_size);
	return true;
}

/* Finds the value that the path has to end at. Returns false if it is not known. */
static bool goal_value(const struct path *path, const struct assignment *a,
		       const struct snapshot *snap, struct memory *mem, uint64_t *value)
{
	enum field last = path->step[path->steps - 1];
	unsigned int size = field_size(last, mem->machine.pointer_size);

	if (path->goal == GOAL_NEEDLE) {
		*value = machine_value(&mem->machine, snapshot_needle(snap, last)->bytes, size);
		return true;
	}
	*value = snap->sock;
	for (unsigned int i = 0; i < path->backs; i++) {
		int at = a->at[path->back[i]];

		if (at < 0)
			return false;
		if (i ? !machine_is_pointer(&mem->machine, *value) ||
				    !memory_read_pointer(mem, *value + at, value) :
			!read_root(BASE_SOCK, snap, at, &mem->machine, value))
			return false;
	}
	return true;
}

static bool read_value(struct memory *mem, uint64_t address, unsigned int size, uint64_t *value)
{
	unsigned char bytes[sizeof(*value)];

	if (!memory_read(mem, address, bytes, size))
		return false;
	*value = machine_value(&mem->machine, bytes, size);
	return true;
}

static bool ends_at(const struct path *path, const struct snapshot *snap, struct memory *mem,
		    uint64_t address, unsigned int at, uint64_t goal)
{
	unsigned int pointer_size = mem->machine.pointer_size;
	unsigned int size = field_size(path->step[path->steps - 1], pointer_size);
	uint64_t value;

	if (!read_value(mem, address + at, size, &value))
		return false;
	if (path->goal != GOAL_DESCRIPTOR)
		return value == goal;
	return machine_is_pointer(&mem->machine, value) &&
	       memory_read_pointer(mem, value + (uint64_t)pointer_size * snap->fd, &value) &&
	       value == goal;
}

/* Returns whether the whole path holds in this snapshot. */
static bool path_holds(const struct path *path, const struct assignment *a,
		       const struct snapshot *snap, struct memory *mem)
{
	uint64_t goal, address;

	if (!goal_value(path, a, snap, mem, &goal) ||
	    !read_root(path->root, snap, a->at[path->step[0]], &mem->machine, &address))
		return false;
	for (unsigned int i = 1; i + 1 < path->steps; i++) {
		if (!machine_is_pointer(&mem->machine, address) ||
		    !memory_read_pointer(mem, address + a->at[path->step[i]], &address))
			return false;
	}
	return machine_is_pointer(&mem->machine, address) &&
	       ends_at(path, snap, mem, address, a->at[path->step[path->steps - 1]], goal);
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

/*
 * Returns whether a path may start with this offset. It has to be a pointer in every
 * snapshot, and it has to differ just between those where field_info.varies says so.
 */
static bool may_start(const struct path *path, unsigned int at, struct snapshot *const *snaps,
		      unsigned int count, const struct machine *machine)
{
	enum varies varies = fields[path->step[0]].varies;
	const struct snapshot *first = NULL;
	uint64_t there = 0, here;

	for (unsigned int s = 0; s < count; s++) {
		if (!applies(path, snaps[s]))
			continue;
		if (!read_root(path->root, snaps[s], at, machine, &here) ||
		    !machine_is_pointer(machine, here))
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
	uint64_t goal;
	struct assignment trial;
	struct list *out;
};

/* Tries all offsets of step number i in the struct at address. */
static void search_step(struct search *s, unsigned int i, uint64_t address)
{
	enum field f = s->path->step[i];
	unsigned int pointer_size = s->mem->machine.pointer_size;
	unsigned int size = field_size(f, pointer_size), align = field_align(f, pointer_size);
	bool last = i + 1 == s->path->steps;
	uint64_t value;

	for (unsigned int at = 0; at + size <= base_window[fields[f].base]; at += align) {
		s->trial.at[f] = at;
		if (last) {
			if (ends_at(s->path, s->snap, s->mem, address, at, s->goal))
				list_add(s->out, &s->trial);
		} else if (memory_read_pointer(s->mem, address + at, &value) &&
			   machine_is_pointer(&s->mem->machine, value)) {
			search_step(s, i + 1, value);
		}
	}
	s->trial.at[f] = OFFSET_UNSET;
}

static void search_from(struct search *s, struct snapshot *const *snaps, unsigned int count)
{
	const struct machine *machine = &s->mem->machine;
	enum field f = s->path->step[0];
	unsigned int align = field_align(f, machine->pointer_size);
	int known = s->trial.at[f];
	uint64_t value;

	for (unsigned int at = 0; at < base_window[s->path->root]; at += align) {
		if ((known >= 0 && at != (unsigned int)known) ||
		    !may_start(s->path, at, snaps, count, machine) ||
		    !read_root(s->path->root, s->snap, at, machine, &value))
			continue;
		s->trial.at[f] = at;
		search_step(s, 1, value);
	}
	s->trial.at[f] = known;
}

/* Returns the number of different offsets that a field has in the list. The first go to first. */
static unsigned int distinct(const struct list *list, enum field f, int *first, unsigned int room)
{
	unsigned char met[TASK_WINDOW / 8] = {}; /* the widest window */
	unsigned int n = 0;

	for (unsigned int i = 0; i < list->count; i++) {
		int at = list->of[i].at[f];

		if (at < 0 || met[at / 8] >> at % 8 & 1)
			continue;
		met[at / 8] |= 1 << at % 8;
		if (n < room)
			first[n] = at;
		n++;
	}
	return n;
}

static void note_left(struct solution *solution, const struct path *path, const struct list *list,
		      unsigned int s)
{
	for (unsigned int i = 0; i < path->steps; i++) {
		int first[CANDIDATES_KEPT];
		unsigned int left = distinct(list, path->step[i], first, CANDIDATES_KEPT);

		solution_note(&solution->answer[path->step[i]], s, left, first);
	}
}

static void keep_holding(struct list *list, const struct path *path, const struct snapshot *snap,
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
			keep_holding(out, path, snaps[s], mem);
		for (unsigned int i = 0; !searched && i < in->count; i++) {
			struct search search = { path, snaps[s], mem, 0, in->of[i], out };

			if (goal_value(path, &in->of[i], snaps[s], mem, &search.goal))
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

		answer->candidates =
			distinct(list, path->step[i], answer->candidate, CANDIDATES_SHOWN);
		answer->verdict = !answer->candidates			     ? VERDICT_NOT_FOUND :
				  answer->candidates > 1 || list->overflowed ? VERDICT_AMBIGUOUS :
									       VERDICT_FOUND;
	}
}

/*
 * Follows one path after the other, as long as each leads somewhere. What a path has
 * found is proved only by the next one.
 */
static int solve_chain(struct solution *solution, const struct chain *chain,
		       struct snapshot *const *snaps, unsigned int count, struct memory *mem)
{
	const struct path *paths = chain->path;
	struct list known = {}, longer;
	struct assignment nothing;

	for (int f = 0; f < FIELD_COUNT; f++)
		nothing.at[f] = OFFSET_UNSET;
	list_add(&known, &nothing);
	for (unsigned int p = 0;
	     p < chain->count && known.count && is_tried(&paths[p], snaps, count); p++) {
		longer =
			(struct list){ .overflowed = known.overflowed, .is_short = known.is_short };
		extend(solution, &paths[p], &known, &longer, snaps, count, mem);
		free(known.of);
		known = longer;
		for (unsigned int q = 0; q <= p; q++)
			conclude(solution, &paths[q], &known);
	}
	free(known.of);
	return known.is_short || mem->is_short ? -ENOMEM : 0;
}

int solver_paths_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		       struct memory *mem)
{
	int err = 0;

	for (unsigned int c = 0; !err && c < CHAIN_COUNT; c++)
		err = solve_chain(solution, &chains[c], snaps, count, mem);
	return err;
}

/* ---- checking ---- */

static bool leads_through(const struct path *path, enum field field)
{
	for (unsigned int i = 0; i < path->steps; i++)
		if (path->step[i] == field)
			return true;
	return false;
}

static enum holding holds(const struct path *path, const struct assignment *a,
			  const struct snapshot *snap, struct memory *mem)
{
	for (unsigned int i = 0; i < path->steps; i++)
		if (a->at[path->step[i]] < 0)
			return HOLDS_UNTRIED;
	if (!applies(path, snap))
		return HOLDS_UNTRIED;
	return path_holds(path, a, snap, mem) ? HOLDS : HOLDS_NOT;
}

enum holding solver_paths_hold(const struct assignment *a, enum field field,
			       const struct snapshot *snap, struct memory *mem)
{
	enum holding holding = HOLDS_UNTRIED;

	for (unsigned int c = 0; c < CHAIN_COUNT; c++) {
		for (unsigned int p = 0; p < chains[c].count; p++) {
			const struct path *path = &chains[c].path[p];
			enum holding this = leads_through(path, field) ? holds(path, a, snap, mem) :
									 HOLDS_UNTRIED;

			if (this > holding)
				holding = this;
		}
	}
	return holding;
}
