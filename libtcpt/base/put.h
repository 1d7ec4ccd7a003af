/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pieces that a line is written from. */
#ifndef TCPT_PUT_H
#define TCPT_PUT_H

#include <stdint.h>
#include <string.h>

/*
 * Every put_*() writes to p, without a NUL, and returns where to go on. No line gets longer
 * than TCPT_LINE_MAX, because of what it holds.
 */
static inline char *put_text(char *p, const char *text)
{
	size_t n = strlen(text); /* of a literal it is known, and few instructions copy it */

	memcpy(p, text, n);
	return p + n;
}

char *put_number(char *p, uint64_t number);
char *put_micros(char *p, uint32_t micros); /* six digits; it is less than a million */
/*
 * Writes a number of bytes: up to four digits and a unit, which is a power of 1024. The
 * decimal sign is a point in every locale.
 */
char *put_size(char *p, uint64_t bytes);
char *put_address(char *p, int family, const uint8_t *address);
char *put_errno(char *p, int error); /* as ECONNREFUSED, or as a number if it has no name */

#endif
