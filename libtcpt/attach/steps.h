/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs of steps, to which those of hooks go on where they are split (bpf/steps.h). */
#ifndef TCPT_STEPS_H
#define TCPT_STEPS_H

#include <stdbool.h>

struct bpf_map;
struct bpf_object;
struct bpf_program;

/* Returns true if the program is that of a step. */
bool steps_have(const struct bpf_program *prog);
/* Returns true if the map has programs of steps. */
bool steps_are(const struct bpf_map *map);
/* Returns true if besides its hook is selected. */
bool steps_are_used(const struct bpf_map *map);
/*
 * Selects the programs of steps, and the maps that have them, for the programs of hooks that
 * are selected. An object whose programs are not split has none.
 */
int steps_select(struct bpf_object *object);
/* Puts the programs of steps into their maps, after they are loaded. */
int steps_insert(struct bpf_object *object);

#endif
