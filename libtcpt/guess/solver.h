/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From snapshots to offsets. Pure: nothing here reaches a socket or the kernel. */
#ifndef TCPT_SOLVER_H
#define TCPT_SOLVER_H

#include "guess/solution.h"

struct memory;
struct snapshot;

/* Pure: looks at nothing but the snapshots and mem. */
/* -ENOMEM: there is no solution. */
int solver_solve(struct solution *solution, struct snapshot *const *snaps, unsigned int count,
		 struct memory *mem);

/* Does the field's offset hold in a snapshot that took no part in finding it? */
enum holding solver_holds(const struct assignment *a, enum field field, const struct snapshot *snap,
			  struct memory *mem);

#endif
