// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pieces of kernel memory, and what is known to lie in them. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guess.h"

struct snapshot *snapshot_new(const char *label)
{
	struct snapshot *snap = calloc(1, sizeof(*snap));

	if (!snap)
		return NULL;
	snprintf(snap->label, sizeof(snap->label), "%s", label);
	snap->fd = -1;
	return snap;
}

void snapshot_free(struct snapshot *snap)
{
	if (snap)
		free(snap->task_bytes);
	free(snap);
}

static struct needle *add_needle(struct snapshot *snap, enum field field, const void *bytes)
{
	struct needle *needle;

	if (snap->needles == NEEDLES_MAX)
		abort();
	needle = &snap->needle[snap->needles++];
	needle->field = field;
	memcpy(needle->bytes, bytes, fields[field].size);
	return needle;
}

void snapshot_need(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, bytes);
}

void snapshot_need_soft(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, bytes)->soft = true;
}

void snapshot_need_unlike(struct snapshot *snap, enum field field, const void *bytes)
{
	add_needle(snap, field, bytes)->unlike = true;
}

const struct needle *snapshot_needle(const struct snapshot *snap, enum field field)
{
	for (unsigned int i = 0; i < snap->needles; i++)
		if (snap->needle[i].field == field)
			return &snap->needle[i];
	return NULL;
}

/*
 * The upper half of the address space, away from error pointers; what lies
 * below is user memory, where the guesser would meet its own needles. On
 * s390x the kernel has an address space to itself, which probe reads stay in.
 */
bool is_kernel_pointer(uint64_t value)
{
	if (value & 7)
		return false;
#if defined(__s390x__)
	return value != 0;
#elif UINTPTR_MAX == UINT64_MAX
	return value >> 56 == 0xff && value < UINT64_MAX - 4096;
#else
	return value >= 0x40000000 && value < UINT32_MAX - 4096;
#endif
}

struct block {
	uint64_t address;
	bool missing;
	unsigned char bytes[MEMORY_CHUNK];
};

static int compare_blocks(const void *a, const void *b)
{
	uint64_t x = ((const struct block *)a)->address, y = ((const struct block *)b)->address;

	return x < y ? -1 : x > y;
}

static const struct block *fetch_block(struct memory *mem, uint64_t address)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->address = address;
	if (!tsearch(block, &mem->blocks, compare_blocks))
		abort();
	mem->reads++;
	block->missing = !mem->fetch || !mem->fetch(mem->arg, address, block->bytes);
	return block;
}

static const struct block *find_block(struct memory *mem, uint64_t address)
{
	const struct block wanted = { .address = address };
	struct block **found = tfind(&wanted, &mem->blocks, compare_blocks);

	return found ? *found : fetch_block(mem, address);
}

bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size)
{
	unsigned char *to = out;

	while (size) {
		size_t skip = address % MEMORY_CHUNK;
		size_t n = MEMORY_CHUNK - skip < size ? MEMORY_CHUNK - skip : size;
		const struct block *block = find_block(mem, address - skip);

		if (block->missing)
			return false;
		memcpy(to, block->bytes + skip, n);
		to += n;
		address += n;
		size -= n;
	}
	return true;
}

void memory_clear(struct memory *mem)
{
	tdestroy(mem->blocks, free);
	mem->blocks = NULL;
}
