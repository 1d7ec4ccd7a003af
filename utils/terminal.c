// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 80
#define WIDTH_MAX 1000

static unsigned int from_environment(void)
{
	const char *text = getenv("COLUMNS");
	char *end;
	unsigned long columns = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	return columns && !*end && columns <= WIDTH_MAX ? columns : 0;
}

void terminal_ask(struct terminal *terminal)
{
	struct winsize size = {};

	terminal->is = isatty(STDOUT_FILENO);
	if (terminal->is)
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	terminal->rows = size.ws_row;
	terminal->columns = from_environment();
	if (!terminal->columns && terminal->is)
		terminal->columns = size.ws_col ? size.ws_col : WIDTH;
	if (terminal->columns > WIDTH_MAX)
		terminal->columns = WIDTH_MAX;
}

bool terminal_has_color(const struct terminal *terminal, enum terminal_color color)
{
	const char *off = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != TERMINAL_COLOR_AUTO)
		return color == TERMINAL_COLOR_ALWAYS;
	return terminal->is && !(off && *off) && term && strcmp(term, "dumb");
}
