// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads values of tcpt-snapshots(5). */
#include <ctype.h>

#include "guess/replay.h"
#include "internal.h"

#define WHOLE_MAX 65536 /* connections, namespaces, descriptors */

int replay_value_whole(struct replay *r, const char *text, int *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || strlen(text) > 6 || value > WHOLE_MAX)
		return refuse(r, "'%s' is not a number from 0 to %d", text, WHOLE_MAX);
	*number = value;
	return 0;
}

int replay_value_address(struct replay *r, const char *text, uint64_t *address)
{
	char *end;

	*address = strtoull(text, &end, 16);
	if (!isxdigit((unsigned char)*text) || *end || strlen(text) > 16)
		return refuse(r, "'%s' is not an address", text);
	return 0;
}

int replay_value_choice(struct replay *r, const char *text, const char *const *choices, int *which)
{
	for (int i = 0; choices[i]; i++) {
		if (!strcmp(text, choices[i])) {
			*which = i;
			return 0;
		}
	}
	return refuse(r, "'%s' is not known here", text);
}

int replay_value_text(struct replay *r, const char *text, char *to, size_t size)
{
	if (!*text || strlen(text) >= size)
		return refuse(r, "expected 1 to %zu characters", size - 1);
	strcpy(to, text);
	return 0;
}
