/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that is written whole or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"

/* Returns true if path (NULL or -: stdout) is a terminal. */
bool output_is_terminal(const char *path);

/*
 * Writes data to path; to stdout if path is NULL or -. Then cli_close_stdout() says
 * whether that succeeded. A regular file is replaced once all of it is on the disk, and
 * keeps its mode; a failure leaves it as it was. Anything else, and a descriptor
 * (/dev/stdout, /dev/fd/3), is written to directly. A file that other users could have put
 * there is refused (place.h). Returns a negative errno, after a message.
 */
int output_write(const struct cli *cli, const char *path, const void *data, size_t size);

/*
 * Makes a whole new file of the caller's own in dir, or replaces what has that name there,
 * whatever it is. Returns 0 or a negative errno, without a message.
 */
int output_replace(int dir, const char *name, const void *data, size_t size);

#endif
