// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "suggestion.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE_MAX 48

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Works in any locale: tolower() of Turkish knows no i for I. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_same(char a, char b)
{
	return lower(a) == lower(b);
}

/*
 * Returns how many characters have to be put in, left out, exchanged or swapped with their
 * neighbour. row[0] is that of the first i characters of a, and the first j of b.
 */
static unsigned int distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned int rows[3][NAME_SIZE_MAX + 1], *row[3] = { rows[0], rows[1], rows[2] };

	for (size_t j = 0; j <= b_size; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		unsigned int *free_row = row[2];

		row[2] = row[1];
		row[1] = row[0];
		row[0] = free_row;
		row[0][0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			unsigned int d = least(row[1][j], row[0][j - 1]) + 1;

			d = least(d, row[1][j - 1] + !is_same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1]))
				d = least(d, row[2][j - 2] + 1);
			row[0][j] = d;
		}
	}
	return row[0][b_size];
}

/* One character in three may be wrong, and one in a word of two. */
void suggestion_begin(struct suggestion *suggestion, const char *word, size_t size)
{
	*suggestion = (struct suggestion){ .word = word, .size = size };
	suggestion->distance = size < 2 ? 0 : size < 6 ? 2 : size / 3 + 1;
}

void suggestion_try(struct suggestion *suggestion, const char *prefix, const char *name)
{
	size_t size = strlen(name);
	unsigned int d;

	if (suggestion->size > NAME_SIZE_MAX || size > NAME_SIZE_MAX)
		return;
	if (!strncasecmp(name, suggestion->word, suggestion->size)) /* the rest was left out */
		d = size > suggestion->size;
	else
		d = distance(suggestion->word, suggestion->size, name, size);
	if (d >= suggestion->distance)
		return;
	suggestion->distance = d;
	snprintf(suggestion->hint, sizeof(suggestion->hint), "; did you mean %s%s?", prefix, name);
}

struct suggestion suggestion_of(const char *word, const char *(*name_of)(unsigned int number))
{
	const char *name;
	struct suggestion suggestion;

	suggestion_begin(&suggestion, word, strlen(word));
	for (unsigned int i = 0; (name = name_of(i)); i++)
		suggestion_try(&suggestion, "", name);
	return suggestion;
}
