/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that is written whole or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"

/* Whether path (NULL or -: stdout) is a terminal. */
bool output_is_terminal(const char *path);

/*
 * Writes data to path; to stdout if path is NULL or -, and then
 * cli_close_stdout() tells whether that went well. A regular file is replaced
 * once all of it is on the disk, and keeps its mode; whatever fails leaves it as
 * it was. What is not a regular file, or a descriptor (/dev/stdout, /dev/fd/3),
 * is written to straight. What other users could have put in its place is refused
 * (place.h). A negative errno after a message.
 */
int output_write(const struct cli *cli, const char *path, const void *data, size_t size);

/*
 * Makes a whole new file of the caller's own in dir, or replaces what is there:
 * by its name, whatever that is. 0 or a negative errno, no message.
 */
int output_replace(int dir, const char *name, const void *data, size_t size);

#endif
