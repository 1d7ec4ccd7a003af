/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What messages advise. */
#ifndef TCPT_ADVICE_H
#define TCPT_ADVICE_H

/*
 * " --pin=DIR" as a shell takes it, for commands that a message advises; nothing
 * for the default.
 */
struct advice {
	char text[1100]; /* all of 255 characters quoted */
};

struct advice advice_pin(const char *dir);

#endif
