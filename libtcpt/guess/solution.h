/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The solution: what the solver has found. */
#ifndef TCPT_SOLUTION_H
#define TCPT_SOLUTION_H

#include "offsets/fields.h"

#define CANDIDATES_SHOWN 8
#define CANDIDATES_KEPT 4
#define SNAPSHOTS_MAX 128

enum verdict {
	VERDICT_UNTRIED, /* no snapshot shows anything of the field */
	VERDICT_FOUND,
	VERDICT_AMBIGUOUS,
	VERDICT_NOT_FOUND,
};

/* A step has the candidates that one snapshot left. */
struct step {
	int left; /* number of candidates; -1 if it shows nothing of the field */
	int first[CANDIDATES_KEPT]; /* the candidates, if there are no more than these */
};

struct answer {
	enum verdict verdict;
	unsigned int candidates;
	int candidate[CANDIDATES_SHOWN]; /* the first ones; [0] is the offset once it is found */
	struct step after[SNAPSHOTS_MAX];
	short claimed_by; /* a field that was found and overlaps the other candidates; or -1 */
};

struct solution {
	struct answer answer[FIELD_COUNT];
};

/* Notes the number of candidates after snapshot number s, and the first ones. */
void solution_note(struct answer *answer, unsigned int s, unsigned int left, const int *first);

/* Offsets that are tried together; OFFSET_UNSET if none is tried. */
struct assignment {
	int at[FIELD_COUNT];
};

/* Writes the offsets that were found to found; OFFSET_UNSET for the other fields. */
void solution_found(const struct solution *solution, struct assignment *found);

enum holding {
	HOLDS_UNTRIED, /* the snapshot shows nothing of the field */
	HOLDS,
	HOLDS_NOT,
};

#endif
