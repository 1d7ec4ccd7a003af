/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words of the commands that messages advise, as a shell takes them. */
#ifndef TCPT_ADVICE_H
#define TCPT_ADVICE_H

#include <limits.h>

struct advice {
	char text[4 * PATH_MAX + 16]; /* a path fits, each character of it quoted */
};

/* Returns a path as one word. */
struct advice advice_path(const char *path);

/* Returns " --pin=DIR", with the blank; nothing if dir is the default of all programs. */
struct advice advice_pin(const char *dir);

#endif
