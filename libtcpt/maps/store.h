/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reader's side of a tap's events, whichever kind of ring keeps them. */
#ifndef TCPT_STORE_H
#define TCPT_STORE_H

#include "tcpt.h"

/* This is a ring that is open to be read, with acknowledgement apart from reading. */
struct store;

/* Finds out the kind of a ring, and the number of the map's entries. */
int store_look(int map_fd, enum tcpt_store *kind, uint32_t *entries);
/*
 * Opens the ring of a tap. The map cursor keeps the position in a ring of slots, which can
 * be that of a later ring of the trace, up to number newest.
 */
int store_open(struct store **out, int map_fd, int cursor_fd, uint32_t tap, uint32_t newest);
void store_close(struct store *store);
enum tcpt_store store_kind(const struct store *store);
/*
 * Returns the next record, or NULL. It stays valid until the next call. If somebody has
 * moved the reader's position to where no reader can have left it, this returns no
 * record, and goes on behind the newest one.
 */
const void *store_next(struct store *store, size_t *size);
/* Returns what was wrong with the position, as the end of "it was ...", once; else NULL. */
const char *store_fault(struct store *store);
/*
 * Returns true, once, if events of the processor were overwritten before this reader has
 * taken them, and sets *oldest to the least number of those that are left; 0: none is. This
 * is known before store_next() returns the first of these.
 */
bool store_overwritten(struct store *store, uint32_t cpu, uint64_t *oldest);
/* Returns true if the newest records overwrite the oldest, whether they were read or not. */
bool store_is_recorder(const struct store *store);
/* Goes back by one record, so that store_next() returns it again. */
void store_back(struct store *store);
/* Acknowledges all records returned so far. */
void store_ack(struct store *store);
/* Returns the number of bytes that are not acknowledged. */
size_t store_waiting(const struct store *store);
/* Returns true if all that is in the ring is acknowledged. */
bool store_is_drained(const struct store *store);
/* Returns true if all that is in the ring was returned, acknowledged or not. */
bool store_is_taken(const struct store *store);
/* Returns the descriptor that poll() waits for; -EOPNOTSUPP if no event wakes a reader. */
int store_fd(const struct store *store);
/* Returns the number of bytes acknowledged, counted from anywhere. */
unsigned long store_acked(const struct store *store);
/* Returns the size of the ring in bytes. */
size_t store_bytes(const struct store *store);
/* Returns the number of bytes that one processor can fill, at the least. */
size_t store_room(const struct store *store);

#endif
