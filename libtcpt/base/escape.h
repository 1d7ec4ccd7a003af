/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text that breaks neither a line nor a terminal. */
#ifndef TCPT_ESCAPE_H
#define TCPT_ESCAPE_H

/* Append text to p, and return where to go on; at most 6 bytes a byte of text, and two quotes. */
char *escape_column(char *p, const char *text);
char *escape_word(char *p, const char *text);
char *escape_message(char *p, const char *text);
char *escape_json(char *p, const char *text);

#endif
