// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes room for so many bytes more, and for a NUL. */
static void grow(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 1024;
	char *bytes;

	while (room <= text->used + more)
		room *= 2;
	bytes = room == text->room ? text->bytes : realloc(text->bytes, room);
	if (bytes) {
		text->bytes = bytes;
		text->room = room;
	}
	text->is_cut |= !bytes;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments, again;
	int size;

	va_start(arguments, format);
	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, arguments);
	if (size < 0)
		text->is_cut = true;
	else
		grow(text, size);
	if (!text->is_cut)
		text->used += vsprintf(text->bytes + text->used, format, again);
	va_end(again);
	va_end(arguments);
}

char *text_end(struct text *text)
{
	if (!text->is_cut)
		grow(text, 0);
	if (text->is_cut) {
		free(text->bytes);
		errno = ENOMEM;
		return NULL;
	}
	text->bytes[text->used] = '\0';
	return text->bytes;
}
