// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a process calls itself, so that it breaks neither a line nor a terminal nor JSON. */
#include <string.h>

#include "internal.h"

static char *put_text(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

static char *put_hex_byte(char *p, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	*p++ = hex[byte >> 4];
	*p++ = hex[byte & 15];
	return p;
}

/* Length of the UTF-8 sequence at text, 0 if it is none. */
static unsigned int utf8_length(const unsigned char *text)
{
	unsigned int length = text[0] >= 0xc2 && text[0] <= 0xdf ? 2 :
			      text[0] >> 4 == 0xe		 ? 3 :
			      text[0] >= 0xf0 && text[0] <= 0xf4 ? 4 :
								   0;

	for (unsigned int i = 1; i < length; i++)
		if (text[i] >> 6 != 2)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

/* C0, DEL, and C1 as UTF-8 has it. */
static bool is_control(const char *text)
{
	unsigned char c = *text;

	return c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] < 0xa0);
}

/* Length of the printable character at text, 0 if it is none. */
static unsigned int printable_length(const char *text)
{
	if (is_control(text))
		return 0;
	return (unsigned char)*text < 0x80 ? 1 : utf8_length((const unsigned char *)text);
}

/* For columns: what could break a line or a terminal becomes \xNN, a backslash \\. */
char *escape_column(char *p, const char *text)
{
	while (*text) {
		unsigned int length = printable_length(text);

		if (*text == '\\') {
			p = put_text(p, "\\\\");
		} else if (!length) {
			p = put_hex_byte(put_text(p, "\\x"), *text);
		} else {
			memcpy(p, text, length);
			p += length;
		}
		text += length ? length : 1;
	}
	return p;
}

char *escape_json(char *p, const char *text)
{
	*p++ = '"';
	while (*text) {
		unsigned char c = *text;
		unsigned int length = c < 0x80 ? 1 : utf8_length((const unsigned char *)text);

		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = c;
		} else if (c < 0x20 || c == 0x7f) {
			p = put_hex_byte(put_text(p, "\\u00"), c);
		} else if (!length) {
			p = put_text(p, "\\ufffd");
		} else {
			memcpy(p, text, length);
			p += length;
		}
		text += length ? length : 1;
	}
	*p++ = '"';
	return p;
}
