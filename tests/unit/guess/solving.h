/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives a world's snapshots to the solver, and compares the answers with the layout. */
#ifndef SOLVING_H
#define SOLVING_H

#include "../test.h"
#include "guess/solution.h"
#include "world.h"

#define LAYOUTS 20000
#define LAYOUTS_EACH 15 /* the number of layouts in a test of one field */

/*
 * Returns most, or the number in TCPT_TEST_LAYOUTS if that is set: valgrind and the
 * like are slow.
 */
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
/* Checks that the answer is right, or that the field is refused. */
void expect_not_wrong(const struct world *w, const struct solution *solution, int f);
void expect_fresh_agree(struct world *w, const struct solution *solution);

#endif
