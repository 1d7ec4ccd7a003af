/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names of kernel functions and variables. */
#ifndef TCPT_SYMBOLS_H
#define TCPT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SYMBOL_MAX 256
#define SYMBOLS_MAX 4

/* The names that a kernel function has, and its address. */
struct symbols {
	const char *wanted; /* set by the caller, as is_data is; the rest is zero */
	bool is_data; /* a variable, and no function */
	unsigned int exact; /* number of functions with exactly this name */
	unsigned int globals; /* how many of these other files can call */
	uint64_t address; /* of the global one, else the first; 0 if the kernel hides it */
	unsigned int count; /* number of variants */
	struct {
		char name[SYMBOL_MAX];
		uint64_t address;
		bool is_part;
	} of[SYMBOLS_MAX];
};

/*
 * Looks up all names of the list in one pass over file, which has the form of
 * /proc/kallsyms.
 */
void symbols_read(FILE *file, struct symbols *list, size_t count);
/* Does so in the kernel's own list. Returns 0 or a negative errno. */
int symbols_find(struct symbols *list, size_t count);

#endif
