// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The answer of the solver for each field, and what each snapshot left of its candidates. */
#include "guess/solution.h"
#include "internal.h"
#include "offsets/offsets.h"

void solution_note(struct answer *answer, unsigned int s, unsigned int left, const int *first)
{
	struct step *step = &answer->after[s];

	step->left = left;
	for (unsigned int i = 0; left <= CANDIDATES_KEPT && i < left; i++)
		step->first[i] = first[i];
}

void solution_found(const struct solution *solution, struct assignment *found)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		const struct answer *answer = &solution->answer[f];

		found->at[f] = answer->verdict == VERDICT_FOUND ? answer->candidate[0] :
								  OFFSET_UNSET;
	}
}
