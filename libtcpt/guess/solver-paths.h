/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds fields by following pointers. */
#ifndef TCPT_SOLVER_PATHS_H
#define TCPT_SOLVER_PATHS_H

#include <stdint.h>

#include "guess/solution.h"

struct memory;
struct snapshot;

/* Adds the answers of fields on paths to the solution. Returns -ENOMEM if memory is short. */
int solver_paths_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		       struct memory *mem);
/* Returns whether the paths that lead through the field hold in the snapshot. */
enum holding solver_paths_hold(const struct assignment *a, enum field field,
			       const struct snapshot *snap, struct memory *mem);

#endif
