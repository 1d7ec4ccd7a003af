/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pieces of kernel memory. */
#ifndef TCPT_MEMORY_H
#define TCPT_MEMORY_H

#include <stddef.h>

#include "base/machine.h"

#define MEMORY_CHUNK 256

/*
 * This is memory that snapshots point at. It is kept once it was read. fetch reads a
 * chunk, and returns false if it cannot be read.
 */
struct memory {
	struct machine machine;
	bool (*fetch)(void *arg, uint64_t address, unsigned char *chunk);
	void *arg;
	void *blocks;
	const struct block *last; /* the last one read: often the next one too */
	unsigned int reads;
	bool is_frozen; /* it is not changed any more, so any thread may read it */
	bool is_short; /* some was not kept, for want of memory: nothing follows from it */
};

struct block {
	uint64_t address; /* a multiple of MEMORY_CHUNK */
	bool missing;
	unsigned char bytes[MEMORY_CHUNK];
};

/* Read bytes, or a pointer, at address. Return false if some of it cannot be read. */
bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size);
bool memory_read_pointer(struct memory *mem, uint64_t address, uint64_t *value);
/*
 * Adds a chunk. Without bytes, the chunk is known to be missing. Returns -EEXIST if the
 * chunk was there already.
 */
int memory_add(struct memory *mem, uint64_t address, const unsigned char *bytes);
/* Visits the chunks in the order of their addresses. */
void memory_walk(const struct memory *mem, void (*visit)(void *arg, const struct block *block),
		 void *arg);
void memory_clear(struct memory *mem);

#endif
