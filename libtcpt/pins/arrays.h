/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pinned arrays as memory. */
#ifndef TCPT_ARRAYS_H
#define TCPT_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>

struct words;

/* Opens a pinned array whose elements have that size; see maps/words.h. */
int arrays_open(struct words *words, const char *dir, const char *map, bool writes, size_t size);

#endif
