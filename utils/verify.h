/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of tcpt-guess --verify. */
#ifndef VERIFY_H
#define VERIFY_H

#include "cli.h"
#include "tcpt.h"

/*
 * Prints the fields of opts->verify: the offsets of the document, of the guess, and of the
 * kernel's BTF if there is one. Returns 0 if nothing differs, else -EUCLEAN, or
 * another negative errno after a message.
 */
int verify_print(const struct tcpt_guess *guess, const struct tcpt_guess_opts *opts,
		 const struct cli *cli);

#endif
