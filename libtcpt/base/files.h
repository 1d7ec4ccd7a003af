/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names and the owners of files. */
#ifndef TCPT_FILES_H
#define TCPT_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

/* Returns the last name of a path. */
const char *file_name(const char *path);
/* Returns whether the file belongs to root or to the calling user. */
bool file_is_own(const struct stat *st);

#endif
