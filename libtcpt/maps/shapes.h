/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the maps of a trace are like. */
#ifndef TCPT_SHAPES_H
#define TCPT_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

struct shape {
	const char *name;
	uint32_t type;
	uint32_t flags;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t entries; /* 0: as many as the loader has found right */
};

/* All maps; ends without a name. */
extern const struct shape shapes[];

/* -EPROTO unless it is a map as that of this name has to be. */
int shape_check(int fd, const char *name);
/* Opens a pin with these file flags, and checks it by its name. */
int shape_open(const char *path, uint32_t flags);
/* Whether this is a "map", "prog" or "link" of BPF, as far as /proc tells. */
bool shape_is_kind(int fd, const char *kind);

#endif
