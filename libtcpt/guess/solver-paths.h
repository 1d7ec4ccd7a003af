/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fields that are found by following pointers. */
#ifndef TCPT_SOLVER_PATHS_H
#define TCPT_SOLVER_PATHS_H

#include <stdint.h>

#include "guess/solution.h"

struct memory;
struct snapshot;

int solver_paths_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		       struct memory *mem);
/* Each path that leads through the field. */
enum holding solver_paths_hold(const struct assignment *a, enum field field,
			       const struct snapshot *snap, struct memory *mem);

#endif
