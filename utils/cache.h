/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Offsets that are kept from one boot to the next, one document for each kernel build. */
#ifndef CACHE_H
#define CACHE_H

#include "cli.h"

/*
 * Gets the running kernel's offsets. Takes those that are kept in dir, if they can be
 * trusted and hold for two fresh connections. Otherwise it says why, guesses them, and
 * keeps them in dir. Fails if the guess fails, but never because of dir. The caller frees
 * *offsets.
 */
int cache_get(struct tcpt_offsets **offsets, const char *dir, const struct cli_log *log);

#endif
