/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pieces of kernel memory. */
#ifndef TCPT_MEMORY_H
#define TCPT_MEMORY_H

#include <stddef.h>

#include "base/machine.h"

#define MEMORY_CHUNK 256

/* Memory that snapshots point at, kept once read. fetch returns false where there is none. */
struct memory {
	struct machine machine;
	bool (*fetch)(void *arg, uint64_t address, unsigned char *chunk);
	void *arg;
	void *blocks;
	const struct block *last; /* that was read from: mostly it is the next one too */
	unsigned int reads;
	bool is_frozen; /* it only is looked at, in any thread */
	bool is_short; /* there was no room for some of it: nothing follows from what was read */
};

struct block {
	uint64_t address; /* a multiple of MEMORY_CHUNK */
	bool missing;
	unsigned char bytes[MEMORY_CHUNK];
};

bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size);
bool memory_read_pointer(struct memory *mem, uint64_t address, uint64_t *value);
/* A chunk that is known; without bytes, known to be missing. -EEXIST if it was known before. */
int memory_add(struct memory *mem, uint64_t address, const unsigned char *bytes);
/* In the order of their addresses. */
void memory_walk(const struct memory *mem, void (*visit)(void *arg, const struct block *block),
		 void *arg);
void memory_clear(struct memory *mem);

#endif
