// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names that others choose, made safe: they break neither a line nor a terminal nor JSON. */
#include "base/escape.h"
#include "base/put.h"
#include "internal.h"

static char *put_hex_byte(char *p, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	*p++ = hex[byte >> 4];
	*p++ = hex[byte & 15];
	return p;
}

/* Returns the length of the UTF-8 sequence at text; 0 if there is none. */
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

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/*
 * Returns whether c is unseen. Such a character moves the cursor, begins a line,
 * changes the order or the look of its neighbours, or is shown as nothing. These are
 * the controls, Unicode's format characters, its separators of lines, the fillers, and
 * all of Default_Ignorable_Code_Point.
 */
static bool is_unseen(uint32_t c)
{
	static const struct range ranges[] = {
		{ 0, 0x1f },	      { 0x7f, 0x9f },	    { 0xad, 0xad },
		{ 0x34f, 0x34f },     { 0x600, 0x605 },	    { 0x61c, 0x61c },
		{ 0x6dd, 0x6dd },     { 0x70f, 0x70f },	    { 0x890, 0x891 },
		{ 0x8e2, 0x8e2 },     { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
		{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x16fe4, 0x16fe4 }, { 0x1bca0, 0x1bca3 }, { 0x1d159, 0x1d159 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	return (c < ' ' || c > '~') && is_in(ranges, ARRAY_SIZE(ranges), c);
}

/*
 * Returns whether c is a space of any width. Inside a word it would look like the end
 * of a column.
 */
static bool is_blank(uint32_t c)
{
	static const struct range ranges[] = {
		{ ' ', ' ' },	    { 0xa0, 0xa0 },	{ 0x1680, 0x1680 }, { 0x2000, 0x200a },
		{ 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
	};

	return is_in(ranges, ARRAY_SIZE(ranges), c);
}

static unsigned int character_length(const char *text)
{
	return (unsigned char)*text < 0x80 ? 1 : utf8_length((const unsigned char *)text);
}

/* Returns the length of the printable character at text; 0 if there is none. */
static unsigned int printable_length(const char *text)
{
	unsigned int length = character_length(text);

	return length && !is_unseen(decode((const unsigned char *)text, length)) ? length : 0;
}

/* Writes length bytes of text; if length is 0, one byte as \xNN. */
static char *put_bytes(char *p, const char **text, unsigned int length)
{
	if (!length)
		return put_hex_byte(put_text(p, "\\x"), *(*text)++);
	memcpy(p, *text, length);
	*text += length;
	return p + length;
}

/*
 * Writes the character at text. If it is not printable, writes only its first byte, as
 * \xNN: the bytes that follow are no character by themselves.
 */
static char *put_visible(char *p, const char **text, bool in_word)
{
	unsigned int length = printable_length(*text);

	if (in_word && length && is_blank(decode((const unsigned char *)*text, length)))
		length = 0;
	return put_bytes(p, text, length);
}

/* Returns whether the byte stands for itself everywhere. Nearly all names have no others. */
static bool is_plain(char byte)
{
	return byte > ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

static char *put_plain(char *p, const char **text)
{
	for (int i = 0; i < ESCAPE_MAX && is_plain(**text); i++)
		*p++ = *(*text)++;
	return p;
}

static char *put_column(char *p, const char *text, bool in_word)
{
	for (p = put_plain(p, &text); *text; p = put_plain(p, &text)) {
		if (*text == '\\')
			*p++ = '\\';
		p = put_visible(p, &text, in_word);
	}
	return p;
}

/* Bytes that could break a line or a terminal become \xNN, and a backslash becomes two. */
char *escape_column(char *p, const char *text)
{
	return put_column(p, text, false);
}

/* An empty text becomes "-", and the text "-" becomes \x2d. Spaces become \xNN too. */
char *escape_word(char *p, const char *text)
{
	if (!*text)
		return put_text(p, "-");
	return strcmp(text, "-") ? put_column(p, text, true) : put_text(p, "\\x2d");
}

/* People read messages: a backslash stays as it is. */
char *escape_message(char *p, const char *text)
{
	while (*text)
		p = put_visible(p, &text, false);
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

static char *put_json_character(char *p, const char **text)
{
	unsigned int length = character_length(*text);
	uint32_t c = length ? decode((const unsigned char *)*text, length) : 0xfffd;

	if (length && !is_unseen(c)) {
		if (c == '"' || c == '\\')
			*p++ = '\\';
		return put_bytes(p, text, length);
	}
	*text += length ? length : 1;
	return put_unicode(p, c);
}

char *escape_json(char *p, const char **text)
{
	return is_plain(**text) ? put_plain(p, text) : put_json_character(p, text);
}
