// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "json-line.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static char *skip_space(char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Reads four hexadecimal digits. Returns -1 if they are none. */
static int read_hex(const char *p)
{
	char digits[5] = "";

	if (strspn(p, "0123456789abcdefABCDEF") < 4)
		return -1;
	memcpy(digits, p, 4);
	return strtol(digits, NULL, 16);
}

/* Puts a character as UTF-8. Halves of one that needs two become question marks. */
static char *put_character(char *to, int code)
{
	if (code < 0x80) {
		*to++ = code ? code : '?';
	} else if (code < 0x800) {
		*to++ = 0xc0 | code >> 6;
		*to++ = 0x80 | (code & 0x3f);
	} else if (code >= 0xd800 && code < 0xe000) {
		*to++ = '?';
	} else {
		*to++ = 0xe0 | code >> 12;
		*to++ = 0x80 | (code >> 6 & 0x3f);
		*to++ = 0x80 | (code & 0x3f);
	}
	return to;
}

/* Returns the size of the UTF-8 character there, and 0 if it is none. */
static size_t size_of_character(const char *p)
{
	unsigned char c = *p;
	size_t size = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : 4;

	if ((c >= 0x80 && c < 0xc2) || c > 0xf4)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

/* Decodes what follows a backslash. Returns the place behind it; NULL if it is no escape. */
static char *decode_escape(char *p, char **to)
{
	static const char names[] = "\"\\/bfnrt", characters[] = "\"\\/\b\f\n\r\t";
	const char *name = *p ? strchr(names, *p) : NULL;
	int code;

	if (name) {
		*(*to)++ = characters[name - names];
		return p + 1;
	}
	code = *p == 'u' ? read_hex(p + 1) : -1;
	if (code < 0)
		return NULL;
	*to = put_character(*to, code);
	return p + 5;
}

/*
 * Decodes the string that begins behind its quote at p, in its own place, which is long
 * enough. Returns the place behind it; NULL if it does not end.
 */
static char *decode_string(char *p)
{
	char *to = p;

	while (*p != '"') {
		size_t size;

		if (!*p)
			return NULL;
		if (*p == '\\') {
			p = decode_escape(p + 1, &to);
			if (!p)
				return NULL;
			continue;
		}
		size = size_of_character(p);
		if (size)
			memmove(to, p, size);
		else
			*to = '?';
		size = size ? size : 1;
		to += size;
		p += size;
	}
	*to = '\0';
	return p + 1;
}

/* Passes over an object or array. Returns the place behind it; NULL if it does not end. */
static char *skip_nested(char *p)
{
	int depth = 0;

	do {
		p += strcspn(p, "{}[]\"");
		if (!*p)
			return NULL;
		if (*p == '"')
			p = decode_string(p + 1);
		else
			depth += *p == '{' || *p == '[' ? 1 : -1, p++;
	} while (p && depth);
	return p;
}

/* Reads a value, and hands it on. Returns what ends it, a comma or a brace; 0: none. */
static char read_value(char **p, const char *key, json_line_take *take, void *arg)
{
	char *value = *p, *end;
	bool is_nested = *value == '{' || *value == '[', is_string = *value == '"';
	char last;

	if (is_nested)
		end = skip_nested(value);
	else if (is_string)
		end = decode_string(++value);
	else
		end = value + strcspn(value, ",} \t\r\n");
	if (!end || end == value)
		return 0;
	*p = skip_space(end);
	last = **p;
	if (last)
		++*p;
	if (last && !is_nested) {
		if (!is_string)
			*end = '\0';
		take(arg, key, value);
	}
	return last;
}

bool json_line_read(char *line, json_line_take *take, void *arg)
{
	char *p = skip_space(line), *key;
	char last = *p == '{' ? ',' : 0;

	if (!last)
		return false;
	p = skip_space(p + 1);
	if (*p == '}')
		return !*skip_space(p + 1);
	while (last == ',') {
		p = skip_space(p);
		if (*p != '"')
			return false;
		key = p + 1;
		p = decode_string(key);
		p = p ? skip_space(p) : p;
		if (!p || *p != ':')
			return false;
		p = skip_space(p + 1);
		last = read_value(&p, key, take, arg);
	}
	return last == '}' && !*skip_space(p);
}
