/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An array of a trace as memory, and its words. */
#ifndef TCPT_WORDS_H
#define TCPT_WORDS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
	void *at;
	size_t size; /* of an element */
	unsigned int entries;
	int fd; /* of the map, if at is a copy; else -1 */
	int writer[2]; /* sockets; the program between them writes words into the map; or -1 */
};

/* Stands for words that are not open. */
#define WORDS_NONE                             \
	{                                      \
		.fd = -1, .writer = { -1, -1 } \
	}

/*
 * Opens an array whose elements have that size. Where it cannot be mapped into memory, this
 * makes a copy, and keeps a descriptor of its own.
 */
int words_open(struct words *words, int fd, bool writes, size_t size, unsigned int entries);
/* Does the same with an array that the caller may only read: a copy. */
int words_open_copy(struct words *words, int fd, size_t size, unsigned int entries);
void words_close(struct words *words);
static inline bool words_is_copy(const struct words *words)
{
	return words->fd >= 0;
}
/* Returns whether mmap() fails so for an array that the kernel cannot map. */
bool words_cannot_map(int err);
/* Looks again at the elements from number from to the one before number to, if at is a copy. */
int words_renew(const struct words *words, unsigned int from, unsigned int to);
/*
 * These write a word of the memory, in one piece, and write it into the map if that is a
 * copy. A word of 32 bits has to begin where one of 64 bits would.
 */
void words_store(const struct words *words, __u64 *word, uint64_t value);
void words_store_32(const struct words *words, __u32 *word, uint32_t value);
/* Stores a word that nobody else writes; a copy passes on only what changes. */
void words_set(const struct words *words, __u64 *word, uint64_t value);
void words_add(const struct words *words, __u64 *word, uint64_t addend);

#endif
