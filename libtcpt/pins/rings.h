/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rings of a pinned trace. */
#ifndef TCPT_RINGS_H
#define TCPT_RINGS_H

#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Opens the oldest ring of a tap, of those from *number on that are still pinned, and sets
 * *number to its number. current is the number of the ring in use.
 */
int rings_open(struct store **out, const char *dir, uint32_t tap, uint32_t current,
	       uint32_t *number);
/* Removes a ring that was replaced, if the caller may. */
void rings_remove(const char *dir, uint32_t tap, uint32_t number);
/* Removes the replaced rings, of each tap in order, up to the first that is not read. */
void rings_remove_read(const char *dir, uint32_t taps, uint32_t current);
/* Returns the number of bytes that wait in the replaced rings of a tap. */
size_t rings_waiting(const char *dir, uint32_t tap, uint32_t current);
/*
 * Opens the ring of a tap of the trace at dir that is pinned at path. current is the number
 * of the ring in use.
 */
int rings_open_pin(struct store **out, const char *dir, uint32_t tap, uint32_t current,
		   const char *path);

#endif
