/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The name that was probably meant by a word that is none. */
#ifndef SUGGESTION_H
#define SUGGESTION_H

#include <stddef.h>

struct suggestion {
	const char *word;
	size_t size;
	unsigned int distance; /* a name that is not nearer is none */
	char hint[96]; /* "; did you mean NAME?", or empty */
};

/* Begins with the first size bytes of word. */
void suggestion_begin(struct suggestion *suggestion, const char *word, size_t size);

/* Takes a name, which is shown with prefix in front, if it is the nearest so far. */
void suggestion_try(struct suggestion *suggestion, const char *prefix, const char *name);

/* Tries all names of a list. name_of() returns each by its number, and NULL behind the last. */
struct suggestion suggestion_of(const char *word, const char *(*name_of)(unsigned int number));

#endif
