// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names and the owners of files. */
#include "base/files.h"
#include "internal.h"

const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool file_is_own(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}
