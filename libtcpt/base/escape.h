/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text that breaks neither a line nor a terminal nor JSON. */
#ifndef TCPT_ESCAPE_H
#define TCPT_ESCAPE_H

/*
 * Each writes text to p, and returns the end of what it wrote; no NUL follows. It
 * writes at most 6 bytes for each byte of text, and 1 more. escape_column() is for the
 * last column of a line, which may have spaces; escape_word() for any other column; and
 * escape_message() for messages.
 */
char *escape_column(char *p, const char *text);
char *escape_word(char *p, const char *text);
char *escape_message(char *p, const char *text);
#define ESCAPE_MAX 64
/* Writes the beginning of text for a JSON string, at most so many bytes, and moves text on. */
char *escape_json(char *p, const char **text);

#endif
