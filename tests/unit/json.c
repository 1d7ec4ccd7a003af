// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "json.h"

#include <stdint.h>
#include <string.h>

struct input {
	const unsigned char *p;
	const unsigned char *end;
};

static int peek(const struct input *in)
{
	return in->p < in->end ? *in->p : -1;
}

static bool take(struct input *in, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(in->end - in->p) < n || memcmp(in->p, text, n) != 0)
		return false;
	in->p += n;
	return true;
}

static bool is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool take_escape(struct input *in)
{
	int c = peek(in);

	in->p++;
	if (c == 'u') {
		for (int i = 0; i < 4; i++, in->p++)
			if (!is_hex(peek(in)))
				return false;
		return true;
	}
	return c > 0 && strchr("\"\\/bfnrt", c);
}

/* Reads a character by decoding it: the shortest form of a code point that may be encoded. */
static bool take_utf8(struct input *in)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	int c = *in->p++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	uint32_t point = c & (0x3f >> more);

	if (c < 0x80)
		return true;
	if (!more || c >= 0xf8)
		return false;
	for (int i = 0; i < more; i++) {
		if (peek(in) < 0 || (peek(in) & 0xc0) != 0x80)
			return false;
		point = point << 6 | (*in->p++ & 0x3f);
	}
	return point >= least[more] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static bool take_string(struct input *in)
{
	if (!take(in, "\""))
		return false;
	while (!take(in, "\"")) {
		if (peek(in) < 0x20)
			return false;
		if (take(in, "\\") ? !take_escape(in) : !take_utf8(in))
			return false;
	}
	return true;
}

static bool take_number(struct input *in)
{
	const unsigned char *start = in->p;

	if (take(in, "0"))
		return true;
	while (peek(in) >= '0' && peek(in) <= '9')
		in->p++;
	return in->p > start;
}

static bool take_object(struct input *in);
static bool take_array(struct input *in);

static bool take_value(struct input *in)
{
	if (peek(in) == '"')
		return take_string(in);
	if (peek(in) == '{')
		return take_object(in);
	if (peek(in) == '[')
		return take_array(in);
	return take(in, "true") || take(in, "false") || take(in, "null") || take_number(in);
}

static bool take_array(struct input *in)
{
	bool first = true;

	if (!take(in, "["))
		return false;
	while (!take(in, "]")) {
		if (!first && !take(in, ","))
			return false;
		if (!take_value(in))
			return false;
		first = false;
	}
	return true;
}

static bool take_object(struct input *in)
{
	bool first = true;

	if (!take(in, "{"))
		return false;
	while (!take(in, "}")) {
		if (!first && !take(in, ","))
			return false;
		if (!take_string(in) || !take(in, ":") || !take_value(in))
			return false;
		first = false;
	}
	return true;
}

bool json_is_object(const char *text, size_t size)
{
	struct input in = { (const unsigned char *)text, (const unsigned char *)text + size };

	return take_object(&in) && in.p == in.end;
}
