/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Asks what standard output is, and how large. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

struct terminal {
	bool is; /* standard output is a terminal */
	unsigned int columns; /* 0: no limit */
	unsigned int rows; /* 0: not known */
};

/*
 * Asks for the size. COLUMNS, if it is a number from 1 to 1000, is the width; else it is
 * that of the terminal, or 80 if it does not say; without a terminal there is no limit.
 */
void terminal_ask(struct terminal *terminal);

enum terminal_color {
	TERMINAL_COLOR_AUTO,
	TERMINAL_COLOR_ALWAYS,
	TERMINAL_COLOR_NEVER
};

/* With AUTO a terminal gets colors, unless NO_COLOR is set or TERM is dumb. */
bool terminal_has_color(const struct terminal *terminal, enum terminal_color color);

#endif
