// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes room for so many bytes more, and for a NUL. */
static void grow(struct lines *lines, size_t more)
{
	size_t room = lines->room ? lines->room : 1024;
	char *text;

	while (room <= lines->used + more)
		room *= 2;
	text = room == lines->room ? lines->text : realloc(lines->text, room);
	if (text) {
		lines->text = text;
		lines->room = room;
	}
	lines->is_cut |= !text;
}

void lines_add(struct lines *lines, const char *format, ...)
{
	va_list arguments, again;
	int size;

	va_start(arguments, format);
	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, arguments);
	if (size < 0)
		lines->is_cut = true;
	else
		grow(lines, size);
	if (!lines->is_cut)
		lines->used += vsprintf(lines->text + lines->used, format, again);
	va_end(again);
	va_end(arguments);
}

char *lines_end(struct lines *lines)
{
	if (!lines->is_cut)
		grow(lines, 0);
	if (lines->is_cut) {
		free(lines->text);
		errno = ENOMEM;
		return NULL;
	}
	lines->text[lines->used] = '\0';
	return lines->text;
}
