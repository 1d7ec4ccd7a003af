/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A text that grows. If memory was short, all of it is gone, and not its last part. */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char *text;
	size_t used, room;
	bool is_cut;
};

/* Adds to a text, which is zeroed before it is used first. */
void lines_add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the text, which the caller frees. NULL: errno is ENOMEM. */
char *lines_end(struct lines *lines);

#endif
