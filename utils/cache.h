/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Offsets kept from one boot to the next, one document a kernel build. */
#ifndef CACHE_H
#define CACHE_H

#include "cli.h"

/*
 * The running kernel's offsets: those that are kept in dir, if they are to be
 * trusted and hold for two fresh connections, else those of a guess, which are
 * kept there from now on. Says why it guesses. Fails if the guess does, but not
 * for what is or cannot be in dir. The caller frees *offsets.
 */
int cache_get(struct tcpt_offsets **offsets, const char *dir, const struct cli_log *log);

#endif
