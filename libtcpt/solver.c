// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From snapshots to offsets: every offset at the field's natural alignment is
 * a candidate, and each snapshot strikes those that do not hold its needle.
 * One candidate left is an offset. More are a refusal, never a choice.
 */
#include <stdlib.h>
#include <string.h>

#include "guess.h"

enum { STRUCK, POSSIBLE, SEEN };

/* Candidates of one field, for each offset of the window. */
struct candidates {
	unsigned char is[SOCK_WINDOW];
	unsigned int count;
};

static bool is_readable(const struct snapshot *snap, unsigned int at, unsigned int size)
{
	for (unsigned int chunk = at / MEMORY_CHUNK; chunk <= (at + size - 1) / MEMORY_CHUNK; chunk++)
		if (snap->sock_missing >> chunk & 1)
			return false;
	return true;
}

static bool holds(const struct snapshot *snap, const struct needle *needle, unsigned int at)
{
	bool equal = !memcmp(snap->sock_bytes + at, needle->bytes, fields[needle->field].size);

	return equal != needle->unlike;
}

static void strike_at(struct candidates *c, unsigned int at)
{
	if (c->is[at] != STRUCK)
		c->count--;
	c->is[at] = STRUCK;
}

/* What could not be read is not struck: a copy elsewhere would be left alone. */
static void strike(struct candidates *c, const struct snapshot *snap, const struct needle *needle)
{
	unsigned int size = fields[needle->field].size;

	for (unsigned int at = 0; at < SOCK_WINDOW; at++) {
		if (c->is[at] == STRUCK || !is_readable(snap, at, size))
			continue;
		if (!holds(snap, needle, at))
			strike_at(c, at);
		else if (!needle->unlike)
			c->is[at] = SEEN;
	}
}

static void strike_unseen(struct candidates *c)
{
	for (unsigned int at = 0; at < SOCK_WINDOW; at++)
		if (c->is[at] == POSSIBLE)
			strike_at(c, at);
}

static void all_candidates(struct candidates *c, const struct field_info *field)
{
	memset(c, 0, sizeof(*c));
	for (unsigned int at = 0; at + field->size <= SOCK_WINDOW; at += field->align) {
		c->is[at] = POSSIBLE;
		c->count++;
	}
}

static bool apply_hard(struct candidates *c, struct answer *answer, enum field field,
		       struct snapshot *const *snaps, unsigned int count)
{
	bool tried = false;

	for (unsigned int s = 0; s < count; s++) {
		for (unsigned int n = 0; n < snaps[s]->needles; n++) {
			const struct needle *needle = &snaps[s]->needle[n];

			if (needle->field != field || needle->soft)
				continue;
			strike(c, snaps[s], needle);
			answer->left[s] = c->count;
			tried |= !needle->unlike;
		}
	}
	return tried;
}

/*
 * A tie-break that no candidate passes says that this kernel does not do what
 * it expects. Where soft needles are all there is, every one has to hold.
 */
static bool apply_soft(struct candidates *c, struct answer *answer, enum field field,
		       struct snapshot *const *snaps, unsigned int count, bool hard)
{
	bool tried = hard;

	for (unsigned int s = 0; s < count; s++) {
		for (unsigned int n = 0; n < snaps[s]->needles; n++) {
			const struct needle *needle = &snaps[s]->needle[n];
			struct candidates kept = *c;

			if (needle->field != field || !needle->soft || (hard && c->count <= 1))
				continue;
			strike(&kept, snaps[s], needle);
			if (!kept.count && hard)
				continue;
			*c = kept;
			answer->left[s] = c->count;
			tried = true;
		}
	}
	return tried;
}

static void list_candidates(struct answer *answer, const struct candidates *c)
{
	answer->candidates = 0;
	for (unsigned int at = 0; at < SOCK_WINDOW; at++) {
		if (c->is[at] == STRUCK)
			continue;
		if (answer->candidates < CANDIDATES_SHOWN)
			answer->candidate[answer->candidates] = at;
		answer->candidates++;
	}
}

static void judge(struct answer *answer)
{
	answer->verdict = answer->candidates == 1 ? VERDICT_FOUND :
			  answer->candidates	  ? VERDICT_AMBIGUOUS :
						    VERDICT_NOT_FOUND;
}

static void solve_value(struct answer *answer, struct candidates *c, enum field field,
			struct snapshot *const *snaps, unsigned int count)
{
	bool tried;

	all_candidates(c, &fields[field]);
	tried = apply_hard(c, answer, field, snaps, count);
	tried = apply_soft(c, answer, field, snaps, count, tried);
	if (!tried) {
		memset(c, 0, sizeof(*c)); /* found by a path, if at all */
		return;
	}
	strike_unseen(c);
	list_candidates(answer, c);
	judge(answer);
}

/* Strikes what overlaps the range of a field that has been found. */
static bool strike_claimed(struct candidates *c, enum field field, enum field owner, int at)
{
	unsigned int before = c->count;
	int size = fields[field].size, end = at + fields[owner].size;

	for (int from = at - size + 1; from < end; from++) {
		if (from >= 0 && from < SOCK_WINDOW)
			strike_at(c, from);
	}
	return c->count != before;
}

static bool claim(struct solution *solution, struct candidates *of, enum field owner)
{
	const struct answer *answer = &solution->answer[owner];
	bool changed = false;

	if (answer->verdict != VERDICT_FOUND || fields[owner].base != BASE_SOCK)
		return false;
	for (int f = 0; f < FIELD_COUNT; f++) {
		struct answer *other = &solution->answer[f];

		if (other->verdict != VERDICT_AMBIGUOUS || fields[f].base != BASE_SOCK ||
		    !of[f].count || !strike_claimed(&of[f], f, owner, answer->candidate[0]))
			continue;
		list_candidates(other, &of[f]);
		judge(other);
		other->claimed_by = owner;
		changed = true;
	}
	return changed;
}

static bool overlap(const struct solution *solution, int f, int g)
{
	const struct answer *a = &solution->answer[f], *b = &solution->answer[g];

	return a->verdict == VERDICT_FOUND && b->verdict == VERDICT_FOUND &&
	       fields[f].base == fields[g].base &&
	       a->candidate[0] < b->candidate[0] + fields[g].size &&
	       b->candidate[0] < a->candidate[0] + fields[f].size;
}

/* A field found inside a larger one is a copy that the larger one holds. */
static void refuse_overlaps(struct solution *solution)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		for (int g = 0; g < f; g++) {
			if (!overlap(solution, f, g))
				continue;
			if (fields[f].size <= fields[g].size)
				solution->answer[f].verdict = VERDICT_NOT_FOUND;
			if (fields[g].size <= fields[f].size)
				solution->answer[g].verdict = VERDICT_NOT_FOUND;
		}
	}
}

static void claim_all(struct solution *solution, struct candidates *of)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (int f = 0; f < FIELD_COUNT; f++)
			changed |= claim(solution, of, f);
	}
}

void solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
	   struct memory *mem)
{
	struct candidates *of = calloc(FIELD_COUNT, sizeof(*of));

	if (!of)
		abort();
	memset(solution, 0, sizeof(*solution));
	for (int f = 0; f < FIELD_COUNT; f++) {
		memset(solution->answer[f].left, 0xff, sizeof(solution->answer[f].left));
		solution->answer[f].claimed_by = -1;
		if (fields[f].base == BASE_SOCK)
			solve_value(&solution->answer[f], &of[f], f, snaps, count);
	}
	solve_paths(solution, snaps, count, mem);
	refuse_overlaps(solution);
	claim_all(solution, of);
	refuse_overlaps(solution);
	free(of);
}

static bool value_contradicted(const struct answer *answer, const struct snapshot *snap, int f)
{
	if (answer->verdict != VERDICT_FOUND || fields[f].base != BASE_SOCK)
		return false;
	for (unsigned int n = 0; n < snap->needles; n++)
		if (snap->needle[n].field == f && !snap->needle[n].soft &&
		    (!is_readable(snap, answer->candidate[0], fields[f].size) ||
		     !holds(snap, &snap->needle[n], answer->candidate[0])))
			return true;
	return false;
}

void solution_found(const struct solution *solution, struct assignment *found)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		const struct answer *answer = &solution->answer[f];

		found->at[f] = answer->verdict == VERDICT_FOUND ? answer->candidate[0] :
								  OFFSET_UNSET;
	}
}

int solution_contradicted(const struct solution *solution, const struct snapshot *snap,
			  struct memory *mem)
{
	struct assignment found;

	for (int f = 0; f < FIELD_COUNT; f++)
		if (value_contradicted(&solution->answer[f], snap, f))
			return f;
	solution_found(solution, &found);
	return paths_contradicted(&found, snap, mem);
}
