// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "base/text.h"

#include "internal.h"

/* Makes room for so many bytes more, and for a NUL. */
static bool grow(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 1024;
	char *bytes;

	while (room <= text->size + more)
		room *= 2;
	if (room == text->room)
		return true;
	bytes = realloc(text->bytes, room);
	if (!bytes)
		return false;
	text->bytes = bytes;
	text->room = room;
	return true;
}

static ssize_t append(void *cookie, const char *bytes, size_t size)
{
	struct text *text = cookie;

	if (text->is_cut || !grow(text, size)) {
		text->is_cut = true;
		return 0;
	}
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	return size;
}

int text_open(struct text *text)
{
	*text = (struct text){};
	text->out = fopencookie(text, "w", (cookie_io_functions_t){ .write = append });
	return text->out ? 0 : -ENOMEM;
}

char *text_close(struct text *text)
{
	if (fclose(text->out) || text->is_cut || !grow(text, 0)) {
		free(text->bytes);
		errno = ENOMEM;
		return NULL;
	}
	text->bytes[text->size] = '\0';
	return text->bytes;
}
