/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that lines are appended to, in the place of standard output. */
#ifndef LOGFILE_H
#define LOGFILE_H

#include "cli.h"

/*
 * Opens the regular file, or makes it, and puts it in the place of stdout. A file that
 * other users could have put there is refused (place.h). Returns -EIO after a message;
 * stdout is then what it was.
 */
int logfile_open(const struct cli *cli, const char *path);

#endif
