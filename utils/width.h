/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Measures how wide a text is on a terminal. */
#ifndef WIDTH_H
#define WIDTH_H

#include <stddef.h>

/* Returns the number of columns that text takes. */
unsigned int width_of(const char *text);
/* Returns the size of the beginning of text that takes at most so many columns. */
size_t width_fitting(const char *text, unsigned int width);

#endif
