/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pinned arrays as memory. */
#ifndef TCPT_MAPPED_H
#define TCPT_MAPPED_H

#include <stddef.h>

int mapped_entries(int fd, unsigned int *entries);
/*
 * Of entries elements of that size; the caller unmaps *out. 1 instead of 0: the
 * caller may only read the map, and *out is a copy.
 */
int mapped_array(const char *dir, const char *map, int protection, size_t size,
		 unsigned int *entries, void **out);
/* Looks again, from one element to that before another. */
int mapped_renew(int fd, unsigned int from, unsigned int to, size_t size, void *copy);

#endif
