/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A world's snapshots put to the solver, and its answers compared with the layout. */
#ifndef SOLVING_H
#define SOLVING_H

#include "../test.h"
#include "guess/solution.h"
#include "world.h"

#define LAYOUTS 20000
#define LAYOUTS_EACH 15 /* of a test of one field */

/* As many, or as TCPT_TEST_LAYOUTS in the environment asks for: valgrind and the like are slow. */
unsigned int layouts(unsigned int most);

extern const struct world_opts usual;

void solve_world(struct world *w, struct solution *solution);
struct world *solved(const struct world_opts *opts, struct solution *solution);

const char *verdict_name(enum verdict verdict);

#define SAY(w, f, answer, expected)                                                         \
	FAIL("seed %llu: %s=%d is %s, %u candidates from %d; expected %s",                  \
	     (unsigned long long)(w)->opts.seed, fields[f].key, (w)->layout.at[f],          \
	     verdict_name((answer)->verdict), (answer)->candidates, (answer)->candidate[0], \
	     expected)

bool is_right(const struct world *w, const struct solution *solution, int f);
void expect_found(const struct world *w, const struct solution *solution, int f);
void expect_verdict(const struct world *w, const struct solution *solution, int f,
		    enum verdict verdict);
/* Right, or refused; an offset that is none is never given. */
void expect_not_wrong(const struct world *w, const struct solution *solution, int f);
void expect_fresh_agree(struct world *w, const struct solution *solution);

#endif
