/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reader's view of a ring. */
#ifndef TCPT_RING_H
#define TCPT_RING_H

#include <stdbool.h>
#include <stddef.h>

/* The consumer's side of a BPF ring buffer, with acknowledgement apart from reading. */
struct ring;

int ring_open(struct ring **out, int map_fd, size_t size);
void ring_close(struct ring *ring);
/*
 * Returns the next record, or NULL. It stays valid until the next call. If somebody has
 * moved the reader's position to where no reader can have left it, this returns no
 * record, and goes on behind the newest one.
 */
const void *ring_next(struct ring *ring, size_t *size);
/* Returns what was wrong with the position, as the end of "it was ...", once; else NULL. */
const char *ring_fault(struct ring *ring);
/* Goes back by one record, so that ring_next() returns it again. */
void ring_back(struct ring *ring);
/* Acknowledges all records returned so far. */
void ring_ack(struct ring *ring);
/* Returns the number of bytes that are not acknowledged. */
size_t ring_waiting(const struct ring *ring);
/* Returns true if all that is in the ring is acknowledged. */
bool ring_is_drained(const struct ring *ring);
/* Returns true if all that is in it was returned, acknowledged or not. */
bool ring_is_taken(const struct ring *ring);
/* Returns the reader's position after the last acknowledgement. */
unsigned long ring_acked(const struct ring *ring);
size_t ring_size_of(const struct ring *ring);

/* Returns the size of a ring for a wanted number of bytes; 0: the default. */
size_t ring_round(size_t wanted);

#endif
