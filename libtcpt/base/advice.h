/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options of the commands that messages advise. */
#ifndef TCPT_ADVICE_H
#define TCPT_ADVICE_H

/* An option as a shell takes it, with the blank before it. */
struct advice {
	char text[1100]; /* 255 characters, each of them quoted, fit */
};

/* Returns " --pin=DIR"; nothing if dir is the default, or longer than 255 characters. */
struct advice advice_pin(const char *dir);

#endif
