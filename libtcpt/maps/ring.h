/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The consumer's side of a BPF ring buffer. */
#ifndef TCPT_RING_H
#define TCPT_RING_H

#include <stdbool.h>
#include <stddef.h>

/* The consumer's side of a BPF ring buffer, with acknowledgement apart from reading. */
struct ring;

int ring_open(struct ring **out, int map_fd, size_t size);
void ring_close(struct ring *ring);
/*
 * The next record, or NULL. Stays valid until the next call. Where the reader's
 * position cannot be one that a reader has left, as somebody has moved it, no
 * record is handed out, and it goes on behind the newest one.
 */
const void *ring_next(struct ring *ring, size_t *size);
/* What was wrong with the position, said once, as in "it is ..."; or NULL. */
const char *ring_fault(struct ring *ring);
/* Hands out the last record once more. */
void ring_back(struct ring *ring);
void ring_ack(struct ring *ring);
/* How many bytes of a ring of this size are in use. */
int ring_used(int map_fd, size_t size, size_t *used);
/* In bytes: what is not acknowledged; and whether that is nothing. */
size_t ring_waiting(const struct ring *ring);
bool ring_is_drained(const struct ring *ring);
/* Where the last acknowledgement has left the reader's position. */
unsigned long ring_acked(const struct ring *ring);
size_t ring_size_of(const struct ring *ring);

/* What --ring-size makes of it. */
size_t ring_round(size_t wanted);

#endif
