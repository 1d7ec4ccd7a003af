/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A text that grows. If memory was short, all of it is gone, and not its last part. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes;
	size_t used, room;
	bool is_cut;
};

/* Adds to a text, which is zeroed before it is used first. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the text, which the caller frees. NULL: errno is ENOMEM. */
char *text_end(struct text *text);

#endif
