// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Knobs for tests: what this kernel is said to lack, and how small its maps are. */
#include "base/knobs.h"
#include "internal.h"

/* Returns whether word is in the list, whose words commas separate. */
static bool is_listed(const char *list, const char *word)
{
	size_t size = strlen(word);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncmp(list, word, size) && (list[size] == ',' || !list[size]))
			return true;
	return false;
}

bool knob_without(const char *what)
{
	const char *list = secure_getenv("TCPT_TEST_WITHOUT");

	return list && is_listed(list, what);
}

unsigned int knob_entries(const char *map)
{
	const char *list = secure_getenv("TCPT_TEST_ENTRIES");
	size_t size = strlen(map);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncmp(list, map, size) && list[size] == ':')
			return strtoul(list + size + 1, NULL, 10);
	return 0;
}
