/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names of kernel functions. */
#ifndef TCPT_SYMBOLS_H
#define TCPT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SYMBOL_MAX 256
#define SYMBOLS_MAX 4

/* What a kernel function is called. */
struct symbols {
	const char *wanted; /* set by the caller, the rest zero */
	unsigned int exact; /* functions of just this name */
	unsigned int globals; /* of them, those which other files can call */
	uint64_t address; /* of the global one, else of the first; 0 if that is kept secret */
	unsigned int count; /* variants */
	struct {
		char name[SYMBOL_MAX];
		uint64_t address;
		bool is_part;
	} of[SYMBOLS_MAX];
};

/* For all of the list in one pass over file, which is in the form of /proc/kallsyms. */
void symbols_read(FILE *file, struct symbols *list, size_t count);
/* In the kernel's own list. */
int symbols_find(struct symbols *list, size_t count);

#endif
