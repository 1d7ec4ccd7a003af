// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "base/accounts.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef STATIC_TOOLS

/* Returns the entry of this name, or of this user if name is NULL; NULL: there is none. */
static const struct passwd *find(FILE *file, const char *name, uint32_t uid)
{
	const struct passwd *entry;

	do
		entry = fgetpwent(file);
	while (entry && (name ? strcmp(entry->pw_name, name) != 0 : entry->pw_uid != uid));
	return entry;
}

int account_uid(const char *name, uint32_t *uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = file ? find(file, name, 0) : NULL;

	if (entry)
		*uid = entry->pw_uid;
	if (file)
		fclose(file);
	return entry ? 0 : -ENOENT;
}

int account_name(uint32_t uid, char *name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = file ? find(file, NULL, uid) : NULL;
	int err = entry ? 0 : -ENOENT;

	if (entry && strlen(entry->pw_name) >= size)
		err = -ENOSPC;
	else if (entry)
		strcpy(name, entry->pw_name);
	if (file)
		fclose(file);
	return err;
}

#else

#define RECORD_SIZE 16384

int account_uid(const char *name, uint32_t *uid)
{
	const struct passwd *entry = getpwnam(name);

	if (!entry)
		return -ENOENT;
	*uid = entry->pw_uid;
	return 0;
}

int account_name(uint32_t uid, char *name, size_t size)
{
	char *buf = malloc(RECORD_SIZE);
	struct passwd entry, *found = NULL;
	int err = -ENOENT;

	if (buf && !getpwuid_r(uid, &entry, buf, RECORD_SIZE, &found) && found)
		err = strlen(entry.pw_name) < size ? 0 : -ENOSPC;
	if (!err)
		strcpy(name, entry.pw_name);
	free(buf);
	return err;
}

#endif
