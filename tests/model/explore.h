/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Depth-first search of all that can happen in a scenario. */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

#define CHOICES 4000

struct found {
	size_t runs; /* that came to their end */
	size_t states; /* that were looked at for the first time */
	int count; /* of the choices that lead to a failure; -1: there is none */
	int budget; /* deviations in it */
	uint8_t choices[CHOICES];
	char reason[400];
};

/* begin makes the first state; the search stops at the first budget with a failure. */
void explore(void (*begin)(void), int budget, struct found *found);

/* Goes the way of the choices, and narrates it. */
void explore_replay(void (*begin)(void), int budget, const uint8_t *choices, int count);

#endif
