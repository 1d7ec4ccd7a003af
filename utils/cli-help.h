/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program's options, and what --help shows of them. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

/*
 * Returns option number i, or a heading, which has no name; NULL behind the last. A
 * program's own options come first, then those that all have.
 */
const struct cli_option *cli_option_at(const struct cli *cli, unsigned int i);

#endif
