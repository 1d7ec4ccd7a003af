// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

/* ---- hashing ---- */

/* 64 bits: of ten million states, two have the same with a chance of 1 to 370,000. */
static uint64_t mix(uint64_t hash, const void *from, size_t size)
{
	const char *at = from;
	uint64_t word, lane[4] = { hash, hash + 1, hash + 2, hash + 3 };

	for (; size >= 32; size -= 32, at += 32)
		for (int i = 0; i < 4; i++) {
			memcpy(&word, at + 8 * i, 8);
			lane[i] = (lane[i] ^ word) * 0x9e3779b97f4a7c15ULL;
			lane[i] ^= lane[i] >> 29;
		}
	for (int i = 0; i < 4; i++)
		hash = (hash ^ lane[i]) * 0x94d049bb133111ebULL;
	for (; size >= 8; size -= 8, at += 8) {
		memcpy(&word, at, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, at, size);
	hash = (hash ^ word ^ size << 56) * 0xbf58476d1ce4e5b9ULL;
	return hash ^ hash >> 32;
}

/* Where a thread has got to is its stack, from the frame that gave way, and its registers. */
uint64_t state_hash(void)
{
	uint64_t hash = mix(1, &world, sizeof(world));

	for (int i = 0; i < THREADS; i++) {
		const struct thread *thread = &world.thread[i];
		char *low = thread->low + 512;

		if (thread->is_used && thread->request != REQUEST_DONE)
			hash = mix(hash, low, thread_stack_end(i) - low);
	}
	return hash;
}

/* ---- the set ---- */

static uint64_t *table;
static size_t room, count;

static size_t place_of(const uint64_t *in, size_t size, uint64_t hash)
{
	size_t at = hash & (size - 1);

	while (in[at] && in[at] != hash)
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

int states_add(uint64_t hash)
{
	size_t at;

	hash = hash ? hash : 1;
	if (count * 2 >= room)
		grow();
	at = place_of(table, room, hash);
	if (table[at])
		return 0;
	table[at] = hash;
	count++;
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
