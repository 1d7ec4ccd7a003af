/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The map control. */
#ifndef TCPT_CONTROL_H
#define TCPT_CONTROL_H

#include <stdint.h>

#include "tcpt_abi.h"

/* Maps the pinned map control into memory. The caller unmaps it. Returns NULL and errno. */
struct tcpt_abi_control *control_map(const char *dir);
/* Maps a map control that is open into memory. */
struct tcpt_abi_control *control_map_fd(int fd);
/* Sets whose turn it is, and waits until all programs know. */
void control_set_turn(struct tcpt_abi_control *control, uint32_t turn);

/* The bit of a generation in the word control.turn. */
#define TURN_OF(generation) (1U << (generation) % TCPT_ABI_TURNS)

#endif
