/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The offsets document that a program is given. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "cli.h"

/*
 * Opens the file at path, or takes stdin if that is "-". Sets *name to its name for
 * messages. Returns a descriptor, which the caller closes; or a negative errno, after a
 * message.
 */
int document_open(const struct cli *cli, const char *path, const char **name);

#endif
