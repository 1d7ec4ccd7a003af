// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The solver finds offsets from snapshots. Each offset at the field's natural alignment
 * is a candidate, and each snapshot strikes those that do not hold its needle. If one
 * candidate is left, it is the offset. If several are left, the field is refused: no
 * choice is made.
 */
#include "guess/memory.h"
#include "guess/snapshot.h"
#include "guess/solver-paths.h"
#include "guess/solver.h"
#include "internal.h"

/* The candidates of one field that are left, in ascending order. */
struct candidates {
	unsigned int count;
	struct {
		unsigned short at;
		bool seen; /* to hold a needle: it could be read in some snapshot */
	} of[SOCK_WINDOW];
};

static bool is_readable(const struct snapshot *snap, unsigned int at, unsigned int size)
{
	for (unsigned int chunk = at / MEMORY_CHUNK; chunk <= (at + size - 1) / MEMORY_CHUNK;
	     chunk++)
		if (snap->sock_missing >> chunk & 1)
			return false;
	return true;
}

static bool equals(const struct snapshot *snap, const struct needle *needle, unsigned int at,
		   const struct machine *machine)
{
	enum field f = needle->field;
	unsigned int size = field_size(f, machine->pointer_size);

	if (!fields[f].shift)
		return !memcmp(snap->sock_bytes + at, needle->bytes, size);
	return machine_value(machine, snap->sock_bytes + at, size) >> fields[f].shift ==
	       machine_value(machine, needle->bytes, size);
}

static bool holds(const struct snapshot *snap, const struct needle *needle, unsigned int at,
		  const struct machine *machine)
{
	return equals(snap, needle, at, machine) != (needle->kind == NEEDLE_UNLIKE);
}

/*
 * Strikes the candidates that do not hold the needle. A candidate that could not be
 * read is not struck: else a copy elsewhere might be the only one left.
 */
static void strike(struct candidates *c, const struct snapshot *snap, const struct needle *needle,
		   const struct machine *machine)
{
	unsigned int size = field_size(needle->field, machine->pointer_size), kept = 0;

	for (unsigned int i = 0; i < c->count; i++) {
		unsigned int at = c->of[i].at;
		bool can_read = is_readable(snap, at, size);

		if (can_read && !holds(snap, needle, at, machine))
			continue;
		c->of[kept].at = at;
		c->of[kept++].seen = c->of[i].seen || (can_read && needle->kind != NEEDLE_UNLIKE);
	}
	c->count = kept;
}

static void strike_unseen(struct candidates *c)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < c->count; i++)
		if (c->of[i].seen)
			c->of[kept++] = c->of[i];
	c->count = kept;
}

static void all_candidates(struct candidates *c, enum field field, const struct machine *machine)
{
	unsigned int size = field_size(field, machine->pointer_size);
	unsigned int align = field_align(field, machine->pointer_size);

	c->count = 0;
	for (unsigned int at = 0; at + size <= SOCK_WINDOW; at += align) {
		c->of[c->count].at = at;
		c->of[c->count++].seen = false;
	}
}

static void copy_candidates(struct candidates *to, const struct candidates *from)
{
	to->count = from->count;
	memcpy(to->of, from->of, from->count * sizeof(from->of[0]));
}

static void first_candidates(const struct candidates *c, int *first, unsigned int room)
{
	for (unsigned int i = 0; i < c->count && i < room; i++)
		first[i] = c->of[i].at;
}

static void note(struct answer *answer, unsigned int s, const struct candidates *c)
{
	int first[CANDIDATES_KEPT];

	first_candidates(c, first, CANDIDATES_KEPT);
	solution_note(answer, s, c->count, first);
}

/* A problem has the input and the output of solving one field by its value. */
struct problem {
	enum field field;
	struct snapshot *const *snaps;
	unsigned int count;
	const struct machine *machine;
	struct candidates *left;
	struct answer *answer;
};

static bool apply_hard(struct problem *p)
{
	bool tried = false;

	for (unsigned int s = 0; s < p->count; s++) {
		for (unsigned int n = 0; n < p->snaps[s]->needles; n++) {
			const struct needle *needle = &p->snaps[s]->needle[n];

			if (needle->field != p->field || needle->kind == NEEDLE_SOFT)
				continue;
			strike(p->left, p->snaps[s], needle, p->machine);
			note(p->answer, s, p->left);
			tried |= needle->kind == NEEDLE_IS;
		}
	}
	return tried;
}

/*
 * Applies soft needles. If a soft needle would strike all candidates, this kernel does
 * not do what the needle expects, and the needle is ignored. If the field has soft
 * needles only, each one has to hold.
 */
static bool apply_soft(struct problem *p, bool hard)
{
	bool tried = hard;

	for (unsigned int s = 0; s < p->count; s++) {
		for (unsigned int n = 0; n < p->snaps[s]->needles; n++) {
			const struct needle *needle = &p->snaps[s]->needle[n];
			struct candidates kept;

			if (needle->field != p->field || needle->kind != NEEDLE_SOFT ||
			    (hard && p->left->count <= 1))
				continue;
			copy_candidates(&kept, p->left);
			strike(&kept, p->snaps[s], needle, p->machine);
			if (!kept.count && hard)
				continue;
			copy_candidates(p->left, &kept);
			note(p->answer, s, p->left);
			tried = true;
		}
	}
	return tried;
}

/* Returns whether some needle shows that no smaller field would do. */
static bool is_wide_enough(const struct problem *p)
{
	unsigned int size = field_size(p->field, p->machine->pointer_size);

	if (!fields[p->field].wide)
		return true;
	for (unsigned int s = 0; s < p->count; s++) {
		const struct needle *needle = snapshot_needle(p->snaps[s], p->field);

		if (needle && machine_value(p->machine, needle->bytes, size) >> size * 4)
			return true;
	}
	return false;
}

static void list_candidates(struct answer *answer, const struct candidates *c)
{
	answer->candidates = c->count;
	first_candidates(c, answer->candidate, CANDIDATES_SHOWN);
}

static void judge(struct answer *answer)
{
	answer->verdict = answer->candidates == 1 ? VERDICT_FOUND :
			  answer->candidates	  ? VERDICT_AMBIGUOUS :
						    VERDICT_NOT_FOUND;
}

static void solve_value(struct problem *p)
{
	bool tried = false;

	all_candidates(p->left, p->field, p->machine);
	if (is_wide_enough(p)) {
		tried = apply_hard(p);
		tried = apply_soft(p, tried);
	}
	if (!tried) {
		p->left->count = 0; /* found by a path, if at all */
		return;
	}
	strike_unseen(p->left);
	list_candidates(p->answer, p->left);
	judge(p->answer);
}

/* Strikes the candidates that overlap a field that was found. Returns whether there were any. */
static bool strike_claimed(struct candidates *c, unsigned int size, unsigned int owned_at,
			   unsigned int owned)
{
	unsigned int before = c->count, kept = 0;

	for (unsigned int i = 0; i < before; i++)
		if (c->of[i].at + size <= owned_at || owned_at + owned <= c->of[i].at)
			c->of[kept++] = c->of[i];
	c->count = kept;
	return kept != before;
}

static bool claim(struct solution *solution, struct candidates *of, enum field owner,
		  unsigned int pointer_size)
{
	const struct answer *answer = &solution->answer[owner];
	bool changed = false;

	if (answer->verdict != VERDICT_FOUND || fields[owner].base != BASE_SOCK)
		return false;
	for (int f = 0; f < FIELD_COUNT; f++) {
		struct answer *other = &solution->answer[f];

		if (other->verdict != VERDICT_AMBIGUOUS || fields[f].base != BASE_SOCK ||
		    !of[f].count ||
		    !strike_claimed(&of[f], field_size(f, pointer_size), answer->candidate[0],
				    field_size(owner, pointer_size)))
			continue;
		list_candidates(other, &of[f]);
		judge(other);
		other->claimed_by = owner;
		changed = true;
	}
	return changed;
}

static bool overlap(const struct solution *solution, int f, int g, unsigned int pointer_size)
{
	const struct answer *a = &solution->answer[f], *b = &solution->answer[g];

	return a->verdict == VERDICT_FOUND && b->verdict == VERDICT_FOUND &&
	       fields[f].base == fields[g].base &&
	       a->candidate[0] < b->candidate[0] + (int)field_size(g, pointer_size) &&
	       b->candidate[0] < a->candidate[0] + (int)field_size(f, pointer_size);
}

/*
 * Refuses the smaller of two fields that overlap: it is a copy within the larger one.
 * If both have the same size, refuses both.
 */
static void refuse_overlaps(struct solution *solution, unsigned int pointer_size)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		for (int g = 0; g < f; g++) {
			unsigned int size = field_size(f, pointer_size);
			unsigned int other = field_size(g, pointer_size);

			if (!overlap(solution, f, g, pointer_size))
				continue;
			if (size <= other)
				solution->answer[f].verdict = VERDICT_NOT_FOUND;
			if (other <= size)
				solution->answer[g].verdict = VERDICT_NOT_FOUND;
		}
	}
}

static void claim_all(struct solution *solution, struct candidates *of, unsigned int pointer_size)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (int f = 0; f < FIELD_COUNT; f++)
			changed |= claim(solution, of, f, pointer_size);
	}
}

static void clear(struct solution *solution)
{
	memset(solution, 0, sizeof(*solution));
	for (int f = 0; f < FIELD_COUNT; f++) {
		solution->answer[f].claimed_by = -1;
		for (unsigned int s = 0; s < SNAPSHOTS_MAX; s++)
			solution->answer[f].after[s].left = -1;
	}
}

int solver_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem)
{
	struct candidates *of = calloc(FIELD_COUNT, sizeof(*of));
	unsigned int pointer_size = mem->machine.pointer_size;

	int err;

	if (!of)
		return -ENOMEM;
	clear(solution);
	for (int f = 0; f < FIELD_COUNT; f++) {
		struct problem p = { f, snaps, count, &mem->machine, &of[f], &solution->answer[f] };

		if (fields[f].base == BASE_SOCK)
			solve_value(&p);
	}
	err = solver_paths_solve(solution, snaps, count, mem);
	refuse_overlaps(solution, pointer_size);
	claim_all(solution, of, pointer_size);
	refuse_overlaps(solution, pointer_size);
	free(of);
	return err;
}

/* ---- checking ---- */

/*
 * Returns whether the offset holds its needles. A soft needle can confirm it, but not
 * contradict it.
 */
static enum holding value_holds(const struct assignment *a, enum field field,
				const struct snapshot *snap, const struct machine *machine)
{
	unsigned int size = field_size(field, machine->pointer_size);
	bool is_inside = a->at[field] + size <= SOCK_WINDOW &&
			 is_readable(snap, a->at[field], size);
	enum holding holding = HOLDS_UNTRIED;

	for (unsigned int n = 0; n < snap->needles; n++) {
		const struct needle *needle = &snap->needle[n];

		if (needle->field != field)
			continue;
		if (is_inside && holds(snap, needle, a->at[field], machine))
			holding = HOLDS;
		else if (needle->kind != NEEDLE_SOFT)
			return HOLDS_NOT;
	}
	return holding;
}

enum holding solver_holds(const struct assignment *a, enum field field, const struct snapshot *snap,
			  struct memory *mem)
{
	enum holding holding = HOLDS_UNTRIED, path;

	if (a->at[field] < 0)
		return HOLDS_UNTRIED;
	if (fields[field].base == BASE_SOCK)
		holding = value_holds(a, field, snap, &mem->machine);
	path = solver_paths_hold(a, field, snap, mem);
	return path == HOLDS_UNTRIED || holding == HOLDS_NOT ? holding : path;
}
