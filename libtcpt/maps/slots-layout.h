/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a ring of slots is laid out. */
#ifndef TCPT_SLOTS_LAYOUT_H
#define TCPT_SLOTS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* See bpf/tcpt_abi.h. */
struct slots_layout {
	uint32_t cpus;
	uint32_t levels;
	uint32_t slots; /* of each segment */
	bool is_recorder;
};

/* Returns the number of slots of a segment, for a wanted number of bytes; 0: the default. */
uint32_t slots_layout_round(size_t wanted, uint32_t cpus, uint32_t levels);
/* Returns the number of elements of the map. */
uint32_t slots_layout_entries(const struct slots_layout *layout);
/* Makes a new map the ring with this number, into which programs alone can write. */
int slots_layout_begin(int map_fd, const struct slots_layout *layout, uint32_t number);
/* Finds out how the ring is laid out. Returns -EPROTO if it is not a ring of slots. */
int slots_layout_look(int map_fd, struct slots_layout *layout);

#endif
