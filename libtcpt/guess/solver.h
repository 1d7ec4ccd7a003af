/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The solver finds offsets from snapshots. It is pure: it looks at the snapshots and at
 * mem, and reaches neither sockets nor the kernel.
 */
#ifndef TCPT_SOLVER_H
#define TCPT_SOLVER_H

#include "guess/solution.h"

struct memory;
struct snapshot;

/*
 * Solves all fields from the first count snapshots. Returns -ENOMEM if memory is short:
 * then there is no solution.
 */
int solver_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem);

/* Returns whether the field's offset holds in a snapshot that took no part in finding it. */
enum holding solver_holds(const struct assignment *a, enum field field, const struct snapshot *snap,
			  struct memory *mem);

#endif
