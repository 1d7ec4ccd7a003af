// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

#include "base/lines.h"
#include "internal.h"

static int check_line(const struct lines *lines, const char *line)
{
	for (const char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			return lines_refuse(lines, "byte 0x%02x is not text", (unsigned char)*c);
	if (lines->number == 1 && strcmp(line, lines->first))
		return lines_refuse(lines, "the first line is not '%s'", lines->first);
	return 0;
}

int lines_read(struct lines *lines, char *text, size_t size, int (*read)(void *arg, char *line),
	       void *arg)
{
	char *end = text + size, *newline;
	int err = 0;

	for (char *line = text; !err && line < end; line = newline + 1) {
		lines->number++;
		newline = memchr(line, '\n', end - line);
		if (!newline)
			return lines_refuse(lines, "the last line is cut off: it has no newline");
		*newline = '\0';
		if (strlen(line) != (size_t)(newline - line))
			return lines_refuse(lines, "byte 0x00 is not text");
		err = check_line(lines, line);
		if (!err && *line && *line != '#')
			err = read(arg, line);
	}
	return err;
}
