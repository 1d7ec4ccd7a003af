/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How help and messages name the programs: "tcpt-load", or "tcpt load" where one file is all
 * of them and was called so.
 */
#ifndef SPELLING_H
#define SPELLING_H

/* The programs' names behind "tcpt-"; ends with NULL. */
extern const char *const spelling_programs[];

/* From now on the names have a blank. */
void spelling_with_blanks(void);

/* Returns text with the names as they are to be called, for the caller to free; or NULL. */
char *spelling_of(const char *text);

#endif
