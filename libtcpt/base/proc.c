// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The targets of links in /proc. */
#include <ctype.h>

#include "base/proc.h"
#include "internal.h"

bool proc_is_link_to(const char *target, const char *what, uint64_t *number)
{
	size_t n = strlen(what);
	char *end;

	if (strncmp(target, what, n) || !isdigit((unsigned char)target[n]))
		return false;
	*number = strtoull(target + n, &end, 10);
	return !strcmp(end, "]");
}
