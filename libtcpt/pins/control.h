/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The map control. */
#ifndef TCPT_CONTROL_H
#define TCPT_CONTROL_H

#include <stdint.h>

#include "tcpt_abi.h"

struct words;

/* Opens the pinned map control, or one that is open already; words_close() closes it. */
int control_open(struct words *control, const char *dir);
int control_open_fd(struct words *control, int fd);
/* Returns what is in the map now. The programs write to it too. */
const struct tcpt_abi_control *control_look(const struct words *control);
/* Sets whose turn it is, and waits until all programs know. */
void control_set_turn(const struct words *control, uint32_t turn);
/* Adds to the number of connections in the map existing. */
void control_add_existing(const struct words *control, uint64_t addend);
/* Switches filters, from the next event on. */
void control_set_filters(const struct words *control, struct tcpt_abi_switches on);

/* Gives the bit of a generation in the word control.turn. */
#define TURN_OF(generation) (1U << (generation) % TCPT_ABI_TURNS)

#endif
