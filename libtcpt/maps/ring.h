/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reader's view of a ring. */
#ifndef TCPT_RING_H
#define TCPT_RING_H

#include <stdbool.h>
#include <stddef.h>

/* This is the consumer's side of a BPF ring buffer, with acknowledgement apart from reading. */
struct ring;

/* These do what the functions of the same name do in store.h. */
int ring_open(struct ring **out, int map_fd, size_t size);
void ring_close(struct ring *ring);
const void *ring_next(struct ring *ring, size_t *size);
const char *ring_fault(struct ring *ring);
void ring_back(struct ring *ring);
void ring_ack(struct ring *ring);
size_t ring_waiting(const struct ring *ring);
bool ring_is_drained(const struct ring *ring);
bool ring_is_taken(const struct ring *ring);
int ring_fd(const struct ring *ring);
unsigned long ring_acked(const struct ring *ring);
size_t ring_bytes(const struct ring *ring);

/* Returns the size of a ring for a wanted number of bytes; 0: the default. */
size_t ring_round(size_t wanted);

#endif
