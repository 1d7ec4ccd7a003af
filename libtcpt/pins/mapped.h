/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pinned arrays as memory. */
#ifndef TCPT_MAPPED_H
#define TCPT_MAPPED_H

#include <stddef.h>

/* Sets *entries to the number of a map's elements. */
int mapped_entries(int fd, unsigned int *entries);
/*
 * Maps a pinned array into memory, and sets *entries to its number of elements, which have
 * that size. The caller unmaps *out. Returns 0; 1 if the caller may only read the map, and
 * *out is a copy.
 */
int mapped_array(const char *dir, const char *map, int protection, size_t size,
		 unsigned int *entries, void **out);
/* Renews the elements of a copy, from number from to the one before number to. */
int mapped_renew(int fd, unsigned int from, unsigned int to, size_t size, void *copy);

#endif
