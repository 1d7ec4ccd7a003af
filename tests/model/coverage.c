// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a run of the model has reached of the programs. coverage.sh links this to objects
 * that clang has instrumented: each basic block has a flag, which is set once it is entered.
 * Nothing takes that back when the search goes back to an earlier state, and no block counts
 * for another: a program may leave a block by a long jump and come back to it.
 *
 * At the end the file that MODEL_BLOCKS names gets a line for each block: its address, and
 * its flag.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The constructor of the instrumented object calls these two. */
void __sanitizer_cov_bool_flag_init(const bool *begin, const bool *end);
void __sanitizer_cov_pcs_init(const uintptr_t *begin, const uintptr_t *end);

static const bool *flags;
static size_t count;
static const struct {
	uintptr_t address;
	uintptr_t is_entry; /* of a function */
} * blocks;

void __sanitizer_cov_bool_flag_init(const bool *begin, const bool *end)
{
	flags = begin;
	count = end - begin;
}

void __sanitizer_cov_pcs_init(const uintptr_t *begin, const uintptr_t *end)
{
	(void)end; /* there are as many as flags */
	blocks = (const void *)begin;
}

static __attribute__((destructor)) void write_blocks(void)
{
	const char *name = getenv("MODEL_BLOCKS");
	FILE *file = name ? fopen(name, "w") : NULL;

	if (!file)
		return;
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%016lx %d\n", (unsigned long)blocks[i].address, flags[i]);
	if (fclose(file))
		remove(name);
}
