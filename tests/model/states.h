/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The states that a search has seen, by their hash. */
#ifndef MODEL_STATES_H
#define MODEL_STATES_H

#include <stddef.h>
#include <stdint.h>

uint64_t state_hash(void);
/* 0: it was there, with at least as much of the budget (at most 14) */
int states_add(uint64_t hash, int budget);
void states_clear(void);
size_t states_count(void);

/* A whole state, saved and put back. Saved ones form a stack. */
size_t state_save(void); /* its place */
void state_restore(size_t place);
void state_forget(size_t place); /* and those saved later */

#endif
