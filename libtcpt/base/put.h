/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pieces that a line is written from. */
#ifndef TCPT_PUT_H
#define TCPT_PUT_H

#include <stdint.h>

/*
 * Every put_*() writes to p, without a NUL, and returns where to go on. No line gets longer
 * than TCPT_LINE_MAX, because of what it holds.
 */
char *put_text(char *p, const char *text);
char *put_number(char *p, uint64_t number);
/*
 * Writes a number of bytes: up to four digits and a unit, which is a power of 1024. The
 * decimal sign is a point in every locale.
 */
char *put_size(char *p, uint64_t bytes);
char *put_address(char *p, int family, const uint8_t *address);
char *put_errno(char *p, int error); /* as ECONNREFUSED, or as a number if it has no name */

#endif
