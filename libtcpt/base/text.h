/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A text that is written through a stream. Unlike open_memstream(), which may return the
 * first part of it then, this returns nothing when memory was short.
 */
#ifndef TCPT_TEXT_H
#define TCPT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct text {
	FILE *out; /* to write to */
	char *bytes;
	size_t size, room;
	bool is_cut;
};

/* Begins a text. Returns 0 or -ENOMEM. */
int text_open(struct text *text);
/* Ends it, and returns it with a NUL behind it. The caller frees it. NULL: errno is ENOMEM. */
char *text_close(struct text *text);

#endif
