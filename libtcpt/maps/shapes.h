/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kind and the sizes of each map of a trace. */
#ifndef TCPT_SHAPES_H
#define TCPT_SHAPES_H

#include <stdint.h>

struct shape {
	const char *name;
	uint32_t type;
	uint32_t flags;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t entries; /* 0: the loader decides */
};

/* The shapes of all maps, of some more than one; the last one has no name. */
extern const struct shape shapes[];

/* Returns -EPROTO unless fd is a map with a shape that belongs to this name. */
int shape_check(int fd, const char *name);
/* Opens a pin with these file flags, and checks its shape by its name. Returns a descriptor. */
int shape_open(const char *path, uint32_t flags);

#endif
