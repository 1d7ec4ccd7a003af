/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the solver has found. */
#ifndef TCPT_SOLUTION_H
#define TCPT_SOLUTION_H

#include "offsets/fields.h"

#define CANDIDATES_SHOWN 8
#define CANDIDATES_KEPT 4
#define SNAPSHOTS_MAX 128

enum verdict {
	VERDICT_UNTRIED, /* no snapshot says anything about the field */
	VERDICT_FOUND,
	VERDICT_AMBIGUOUS,
	VERDICT_NOT_FOUND,
};

/* What one snapshot left. */
struct step {
	int left; /* candidates; -1: it had no say */
	int first[CANDIDATES_KEPT]; /* of them, if there are no more than these */
};

struct answer {
	enum verdict verdict;
	unsigned int candidates;
	int candidate[CANDIDATES_SHOWN]; /* the first of them; [0] is the offset once found */
	struct step after[SNAPSHOTS_MAX];
	short claimed_by; /* a field found before, which overlaps other candidates; or -1 */
};

struct solution {
	struct answer answer[FIELD_COUNT];
};

/* As snapshot number s leaves it. */
void solution_note(struct answer *answer, unsigned int s, unsigned int left, const int *first);

/* Offsets tried together; OFFSET_UNSET where nothing is tried yet. */
struct assignment {
	int at[FIELD_COUNT];
};

/* What the solution has found. */
void solution_found(const struct solution *solution, struct assignment *found);

enum holding {
	HOLDS_UNTRIED, /* the snapshot says nothing about the field */
	HOLDS,
	HOLDS_NOT,
};

#endif
