/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names, the owners and the contents of files. */
#ifndef TCPT_FILES_H
#define TCPT_FILES_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Returns the last name of a path. */
const char *file_name(const char *path);
/* Returns whether the file belongs to root or to the calling user. */
bool file_is_own(const struct stat *st);
/* Reads until the end of the file or of the buffer, and returns how much that was. */
ssize_t file_read(int fd, void *buf, size_t size);
/*
 * Reads the beginning of the file at path, and puts a NUL behind it. Returns its length, or
 * a negative errno; then buf is empty.
 */
ssize_t file_read_path(const char *path, void *buf, size_t size);

#endif
