// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "guess/solver.h"
#include "solving.h"

unsigned int layouts(unsigned int most)
{
	const char *fewer = getenv("TCPT_TEST_LAYOUTS");
	unsigned int n = fewer ? strtoul(fewer, NULL, 10) : most;

	return n < most ? n : most;
}

const struct world_opts usual = { .missing = NO_FIELD,
				  .missing_too = NO_FIELD,
				  .perfect = NO_FIELD };

void solve_world(struct world *w, struct solution *solution)
{
	solver_solve(solution, w->snap, w->count, &w->mem);
}

struct world *solved(const struct world_opts *opts, struct solution *solution)
{
	struct world *w = world_new(opts);

	world_observe(w);
	solve_world(w, solution);
	return w;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "untried", "found", "ambiguous", "not found" };

	return names[verdict];
}

bool is_right(const struct world *w, const struct solution *solution, int f)
{
	const struct answer *answer = &solution->answer[f];

	return answer->verdict == VERDICT_FOUND && answer->candidate[0] == w->layout.at[f] &&
	       answer->candidates == 1;
}

void expect_found(const struct world *w, const struct solution *solution, int f)
{
	if (!is_right(w, solution, f))
		SAY(w, f, &solution->answer[f], "found");
}

void expect_verdict(const struct world *w, const struct solution *solution, int f,
		    enum verdict verdict)
{
	if (solution->answer[f].verdict != verdict)
		SAY(w, f, &solution->answer[f], verdict_name(verdict));
}

void expect_not_wrong(const struct world *w, const struct solution *solution, int f)
{
	if (solution->answer[f].verdict == VERDICT_FOUND && !is_right(w, solution, f))
		SAY(w, f, &solution->answer[f], "not wrong");
}

void expect_fresh_agree(struct world *w, const struct solution *solution)
{
	struct assignment found;

	solution_found(solution, &found);
	for (unsigned int s = w->count; s < w->all; s++)
		for (int f = 0; f < FIELD_COUNT; f++)
			if (solver_holds(&found, f, w->snap[s], &w->mem) == HOLDS_NOT)
				SAY(w, f, &solution->answer[f], "no contradiction");
}
