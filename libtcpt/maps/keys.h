/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walks over the keys of a map. */
#ifndef TCPT_KEYS_H
#define TCPT_KEYS_H

#include <stddef.h>

#define KEY_MOST 64 /* bytes: no map of a trace has a longer key */

/*
 * Sets *next to the key behind this one, or to the first if at is NULL. Returns -ENOENT if
 * there is none. The key of size bytes that has all bits set is nobody's.
 */
int key_next(int map, const void *at, void *next, size_t size);

#endif
