// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

/* ---- hashing ---- */

#define BLOCK 64

static uint64_t stir(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * 0x9e3779b97f4a7c15ULL;
	return lane ^ lane >> 29;
}

typedef uint64_t pair __attribute__((vector_size(16)));

static inline int is_empty(const char *at)
{
	pair word[BLOCK / 16], any;

	memcpy(word, at, sizeof(word));
	any = word[0] | word[1] | word[2] | word[3];
	return !(any[0] | any[1]);
}

/* Most of a state is empty: such blocks count by the places of the others. */
static inline void mix_block(uint64_t *lane, const char *at, size_t place)
{
	uint64_t word[BLOCK / 8];

	if (is_empty(at))
		return;
	memcpy(word, at, sizeof(word));
	lane[0] = stir(stir(lane[0] + (place + 1) * 0xd6e8feb86659fd93ULL, word[0]), word[4]);
	lane[1] = stir(stir(lane[1], word[1]), word[5]);
	lane[2] = stir(stir(lane[2], word[2]), word[6]);
	lane[3] = stir(stir(lane[3], word[3]), word[7]);
}

static uint64_t mix(uint64_t hash, const void *from, size_t size)
{
	const char *at = from;
	uint64_t lane[4] = { hash, hash + 1, hash + 2, hash + 3 };
	char rest[BLOCK] = {};
	size_t place = 0;

	for (; size - place >= BLOCK; place += BLOCK)
		mix_block(lane, at + place, place);
	memcpy(rest, at + place, size - place);
	mix_block(lane, rest, size);
	for (int i = 0; i < 4; i++)
		hash = (hash ^ lane[i]) * 0x94d049bb133111ebULL;
	return hash ^ hash >> 32;
}

/*
 * Where a thread has got to is its stack, from the frame that gave way, and its registers.
 * What is left of the budget is no part of the state.
 */
uint64_t state_hash(void)
{
	uint8_t budget = world.budget;
	uint64_t hash;

	world.budget = 0;
	hash = mix(1, &world, sizeof(world));
	world.budget = budget;
	for (int i = 0; i < THREADS; i++) {
		const struct thread *thread = &world.thread[i];
		char *low = thread->low + 512;

		if (thread->is_used && thread->request != REQUEST_DONE)
			hash = mix(hash, low, thread_stack_end(i) - low);
	}
	return hash;
}

/* ---- the set ---- */

/*
 * An entry is the hash but for its last bits, which have the budget plus 1. 60 bits: of a
 * million states of one search, two have the same with a chance of 1 to two million.
 */
#define BUDGET 15ULL

static uint64_t *table;
static size_t room, count;

static size_t place_of(const uint64_t *in, size_t size, uint64_t hash)
{
	size_t at = hash >> 4 & (size - 1);

	while (in[at] && (in[at] ^ hash) & ~BUDGET)
		at = (at + 1) & (size - 1);
	return at;
}

static void grow(void)
{
	size_t more = room ? room * 4 : 1 << 12;
	uint64_t *larger = calloc(more, sizeof(*larger));

	if (!larger) {
		fprintf(stderr, "model: no memory for %zu states\n", more);
		exit(1);
	}
	for (size_t i = 0; i < room; i++)
		if (table[i])
			larger[place_of(larger, more, table[i])] = table[i];
	free(table);
	table = larger;
	room = more;
}

/* All that can come after a state can come after the same state with more of the budget. */
int states_add(uint64_t hash, int budget)
{
	uint64_t entry = (hash & ~BUDGET) | (budget + 1);
	size_t at;

	if (count * 2 >= room)
		grow();
	at = place_of(table, room, entry);
	if (table[at] && (table[at] & BUDGET) >= (entry & BUDGET))
		return 0;
	count += !table[at];
	table[at] = entry;
	return 1;
}

void states_clear(void)
{
	free(table);
	table = NULL;
	room = count = 0;
}

size_t states_count(void)
{
	return count;
}

/* ---- saving ---- */

static char *saved;
static size_t saved_size, saved_room;

static void *push(size_t size)
{
	if (saved_size + size > saved_room) {
		saved_room = saved_room ? saved_room * 2 : 1 << 22;
		saved = realloc(saved, saved_room);
		if (!saved) {
			fprintf(stderr, "model: no memory to save states\n");
			exit(1);
		}
	}
	saved_size += size;
	return saved + saved_size - size;
}

size_t state_save(void)
{
	size_t place = saved_size;

	memcpy(push(sizeof(world)), &world, sizeof(world));
	for (int i = 0; i < THREADS; i++) {
		const struct thread *thread = &world.thread[i];
		size_t size = thread_stack_end(i) - thread->low;

		if (thread->is_used && thread->request != REQUEST_DONE)
			memcpy(push(size), thread->low, size);
	}
	return place;
}

void state_restore(size_t place)
{
	const char *at = saved + place;

	memcpy(&world, at, sizeof(world));
	at += sizeof(world);
	for (int i = 0; i < THREADS; i++) {
		const struct thread *thread = &world.thread[i];
		size_t size = thread_stack_end(i) - thread->low;

		if (!thread->is_used || thread->request == REQUEST_DONE)
			continue;
		memcpy(thread->low, at, size);
		at += size;
	}
}

void state_forget(size_t place)
{
	saved_size = place;
}
