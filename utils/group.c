// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "group.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 10

#ifdef STATIC_TOOLS

static int find_name(const char *name, uint32_t *gid)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *group = NULL;

	if (!file)
		return -ENOENT;
	do
		group = fgetgrent(file);
	while (group && strcmp(group->gr_name, name) != 0);
	if (group)
		*gid = group->gr_gid;
	fclose(file);
	return group ? 0 : -ENOENT;
}

#else

static int find_name(const char *name, uint32_t *gid)
{
	const struct group *group = getgrnam(name);

	if (!group)
		return -ENOENT;
	*gid = group->gr_gid;
	return 0;
}

#endif

int group_find(const char *text, uint32_t *gid)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = strtoull(text, NULL, 10);

	if (!find_name(text, gid))
		return 0;
	if (!digits || digits > DIGITS_MAX || text[digits] || number >= UINT32_MAX)
		return -ENOENT;
	*gid = (uint32_t)number;
	return 0;
}
