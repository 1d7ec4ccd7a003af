/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Measures how wide a text is on a terminal. */
#ifndef WIDTH_H
#define WIDTH_H

#include <locale.h>
#include <stddef.h>

/* What is printed is UTF-8 in any locale. Returns one of UTF-8, or 0 if there is none. */
locale_t width_locale(void);

/* Returns the number of columns that text takes. */
unsigned int width_of(const char *text);
/* Returns the size of the beginning of text that takes at most so many columns. */
size_t width_fitting(const char *text, unsigned int width);

#endif
