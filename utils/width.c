// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "width.h"

#include <limits.h>
#include <string.h>
#include <wchar.h>

locale_t width_locale(void)
{
	static locale_t locale;

	if (!locale)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return locale;
}

/* Returns the size of the first character, and its width; a broken byte has 1 of both. */
static size_t measure(const char *text, unsigned int *width)
{
	locale_t before = uselocale(width_locale());
	mbstate_t state = {};
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, strlen(text), &state);
	int columns = n > 0 && n <= MB_LEN_MAX ? wcwidth(wide) : -1;

	uselocale(before);
	*width = columns < 0 ? 1 : columns;
	return n > 0 && n <= MB_LEN_MAX ? n : 1;
}

size_t width_fitting(const char *text, unsigned int width)
{
	const char *p = text;
	unsigned int one;

	while (*p) {
		size_t n = measure(p, &one);

		if (one > width)
			break;
		width -= one;
		p += n;
	}
	return p - text;
}

unsigned int width_of(const char *text)
{
	unsigned int width = 0, one;

	for (; *text; width += one)
		text += measure(text, &one);
	return width;
}
