// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Explains how the guess found each field, from its needles to its offset. */
#include "guess/explain.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "guess/solver.h"
#include "internal.h"

const char *explain_verdict(const struct answer *answer)
{
	static const char *const names[] = {
		[VERDICT_UNTRIED] = "untried",
		[VERDICT_FOUND] = "found",
		[VERDICT_AMBIGUOUS] = "ambiguous",
		[VERDICT_NOT_FOUND] = "not found",
	};

	return names[answer->verdict];
}

unsigned int explain_confirmations(const struct tcpt_guess *guess, int f)
{
	unsigned int n = 0;
	struct assignment found;

	solution_found(&guess->solution, &found);
	for (unsigned int s = guess->solving; s < guess->snapshots; s++)
		n += solver_holds(&found, f, guess->snap[s], (struct memory *)&guess->fresh) ==
		     HOLDS;
	return n;
}

/* ---- needles ---- */

const char *explain_needle(char *text, const struct tcpt_guess *guess, const struct needle *needle)
{
	static const char *const kinds[] = {
		[NEEDLE_IS] = "is",
		[NEEDLE_UNLIKE] = "is not",
		[NEEDLE_SOFT] = "should be",
	};
	unsigned int size = field_size(needle->field, guess->mem.machine.pointer_size);
	char *p = text + sprintf(text, "%s ", kinds[needle->kind]);

	for (unsigned int i = 0; i < size; i++)
		p += sprintf(p, "%02x", needle->bytes[i]);
	return text;
}

const struct needle *explain_needle_of(const struct snapshot *snap, int f)
{
	for (unsigned int n = 0; n < snap->needles; n++)
		if (snap->needle[n].field == f)
			return &snap->needle[n];
	return NULL;
}
