// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pieces of kernel memory. Each is read once, and stays the same from then on. */
#include <search.h>

#include "guess/memory.h"
#include "internal.h"

static int compare_blocks(const void *a, const void *b)
{
	uint64_t x = ((const struct block *)a)->address, y = ((const struct block *)b)->address;

	return x < y ? -1 : x > y;
}

static struct block *new_block(struct memory *mem, uint64_t address)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		return NULL;
	block->address = address;
	if (tsearch(block, &mem->blocks, compare_blocks))
		return block;
	free(block);
	return NULL;
}

static const struct block *find_block(const struct memory *mem, uint64_t address)
{
	const struct block wanted = { .address = address };
	struct block **found = tfind(&wanted, &mem->blocks, compare_blocks);

	return found ? *found : NULL;
}

static const struct block *fetch_block(struct memory *mem, uint64_t address)
{
	struct block *block = new_block(mem, address);

	mem->is_short |= !block;
	if (!block)
		return NULL;
	mem->reads++;
	block->missing = !mem->fetch || !mem->fetch(mem->arg, address, block->bytes);
	return block;
}

bool memory_read(struct memory *mem, uint64_t address, void *out, size_t size)
{
	unsigned char *to = out;

	while (size) {
		size_t skip = address % MEMORY_CHUNK;
		size_t n = MEMORY_CHUNK - skip < size ? MEMORY_CHUNK - skip : size;
		const struct block *block = mem->last;

		if (!block || block->address != address - skip)
			block = find_block(mem, address - skip);
		if (!block && !mem->is_frozen)
			block = fetch_block(mem, address - skip);
		if (!mem->is_frozen)
			mem->last = block;
		if (!block || block->missing)
			return false;
		memcpy(to, block->bytes + skip, n);
		to += n;
		address += n;
		size -= n;
	}
	return true;
}

bool memory_read_pointer(struct memory *mem, uint64_t address, uint64_t *value)
{
	unsigned char bytes[8];

	if (!memory_read(mem, address, bytes, mem->machine.pointer_size))
		return false;
	*value = machine_value(&mem->machine, bytes, mem->machine.pointer_size);
	return true;
}

int memory_add(struct memory *mem, uint64_t address, const unsigned char *bytes)
{
	struct block *block;

	if (find_block(mem, address))
		return -EEXIST;
	block = new_block(mem, address);
	if (!block)
		return -ENOMEM;
	block->missing = !bytes;
	if (bytes)
		memcpy(block->bytes, bytes, MEMORY_CHUNK);
	return 0;
}

struct visit {
	void (*visit)(void *arg, const struct block *block);
	void *arg;
};

static void visit_node(const void *node, VISIT which, void *arg)
{
	const struct visit *v = arg;

	if (which == postorder || which == leaf)
		v->visit(v->arg, *(const struct block *const *)node);
}

void memory_walk(const struct memory *mem, void (*visit)(void *arg, const struct block *block),
		 void *arg)
{
	struct visit v = { visit, arg };

	twalk_r(mem->blocks, visit_node, &v);
}

void memory_clear(struct memory *mem)
{
	tdestroy(mem->blocks, free);
	mem->blocks = NULL;
	mem->last = NULL;
}
