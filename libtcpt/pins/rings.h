/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rings of a pinned trace. */
#ifndef TCPT_RINGS_H
#define TCPT_RINGS_H

#include <stddef.h>
#include <stdint.h>

struct ring;

/*
 * The oldest ring of a tap from *number on that is not read to its end, and its
 * number; current is that of the ring in use.
 */
int rings_open(struct ring **out, const char *dir, uint32_t tap, uint32_t current,
	       uint32_t *number);
/* One that was replaced, if that may be done; and all of those that have been read. */
void rings_remove(const char *dir, uint32_t tap, uint32_t number);
void rings_remove_read(const char *dir, uint32_t taps, uint32_t current);
/* What waits in those that were replaced, in bytes. */
size_t rings_waiting(const char *dir, uint32_t tap, uint32_t current);
int rings_open_pin(struct ring **out, const char *path);

#endif
