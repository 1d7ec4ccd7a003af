// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "spelling.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define PREFIX "tcpt-"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)

const char *const spelling_programs[] = { "audit", "check", "filter", "guess",	"list",	 "load",
					  "map",   "stat",  "trace",  "unload", "watch", NULL };

static bool has_blanks;

void spelling_with_blanks(void)
{
	has_blanks = true;
}

/* Returns whether the byte can be a part of a file's name, or of a manual page's. */
static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_-./(", c));
}

static bool ends_here(const char *text)
{
	return !is_of_name(*text) || (*text == '.' && !is_of_name(text[1]));
}

static bool is_program(const char *text)
{
	for (const char *const *name = spelling_programs; *name; name++) {
		size_t size = strlen(*name);

		if (!strncmp(text, *name, size) && ends_here(text + size))
			return true;
	}
	return false;
}

char *spelling_of(const char *text)
{
	char *copy = strdup(text);

	if (!copy || !has_blanks)
		return copy;
	for (char *at = copy; (at = strstr(at, PREFIX)); at += PREFIX_SIZE)
		if ((at == copy || !is_of_name(at[-1])) && is_program(at + PREFIX_SIZE))
			at[PREFIX_SIZE - 1] = ' ';
	return copy;
}
