/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pieces of a line. */
#ifndef TCPT_PUT_H
#define TCPT_PUT_H

#include <stdint.h>

/*
 * Every put_*() writes to p, without a NUL, and returns where to go on. A line
 * is bounded by TCPT_LINE_MAX by what it holds.
 */
char *put_text(char *p, const char *text);
char *put_number(char *p, uint64_t number);
char *put_address(char *p, int family, const uint8_t *address);
char *put_errno(char *p, int error); /* ECONNREFUSED; a number where it has no name */

#endif
