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

static uint32_t decode(const unsigned char *text, unsigned int length)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = text[0] & masks[length];

	for (unsigned int i = 1; i < length; i++)
		c = c << 6 | (text[i] & 0x3f);
	return c;
}

/*
 * What moves a cursor, begins a line, or changes the order or the look of what is
 * beside it, and cannot be seen itself: controls, and Unicode's format characters
 * and separators of lines.
 */
static bool is_unseen(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0, 0x1f },	      { 0x7f, 0x9f },	    { 0xad, 0xad },
		{ 0x600, 0x605 },     { 0x61c, 0x61c },	    { 0x6dd, 0x6dd },
		{ 0x70f, 0x70f },     { 0x890, 0x891 },	    { 0x8e2, 0x8e2 },
		{ 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },
		{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static unsigned int character_length(const char *text)
{
	return (unsigned char)*text < 0x80 ? 1 : utf8_length((const unsigned char *)text);
}

/* Length of the printable character at text, 0 if it is none. */
static unsigned int printable_length(const char *text)
{
	unsigned int length = character_length(text);

	return length && !is_unseen(decode((const unsigned char *)text, length)) ? length : 0;
}

/* The character at text, or its byte as \xNN. */
static char *put_visible(char *p, const char **text)
{
	unsigned int length = printable_length(*text);

	if (!length) {
		p = put_hex_byte(put_text(p, "\\x"), **text);
		length = 1;
	} else {
		memcpy(p, *text, length);
		p += length;
	}
	*text += length;
	return p;
}

/* For columns: what could break a line or a terminal becomes \xNN, a backslash \\. */
char *escape_column(char *p, const char *text)
{
	while (*text) {
		if (*text == '\\')
			*p++ = '\\';
		p = put_visible(p, &text);
	}
	return p;
}

/* For columns between spaces; nothing is "-", and what is called that is not. */
char *escape_word(char *p, const char *text)
{
	if (!*text)
		return put_text(p, "-");
	if (!strcmp(text, "-"))
		return put_text(p, "\\x2d");
	while (*text) {
		if (*text == ' ') {
			p = put_text(p, "\\x20");
			text++;
			continue;
		}
		if (*text == '\\')
			*p++ = '\\';
		p = put_visible(p, &text);
	}
	return p;
}

/* For messages, which people read: a backslash stays one. */
char *escape_message(char *p, const char *text)
{
	while (*text)
		p = put_visible(p, &text);
	return p;
}

static char *put_unicode(char *p, uint32_t c)
{
	if (c > 0xffff) {
		p = put_unicode(p, 0xd800 + ((c - 0x10000) >> 10));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	return put_hex_byte(put_hex_byte(put_text(p, "\\u"), c >> 8), c & 0xff);
}

char *escape_json(char *p, const char *text)
{
	*p++ = '"';
	while (*text) {
		unsigned char c = *text;
		unsigned int length = character_length(text);
		uint32_t code = decode((const unsigned char *)text, length);

		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = c;
		} else if (!length) {
			p = put_text(p, "\\ufffd");
		} else if (is_unseen(code)) {
			p = put_unicode(p, code);
		} else {
			memcpy(p, text, length);
			p += length;
		}
		text += length ? length : 1;
	}
	*p++ = '"';
	return p;
}
