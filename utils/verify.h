/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of tcpt-guess --verify. */
#ifndef VERIFY_H
#define VERIFY_H

#include "tcpt.h"

/*
 * Prints the fields of opts->verify: what the document says, the guess, and
 * the kernel's BTF where there is one. 0 if nothing differs, else -EUCLEAN.
 */
int verify_print(const struct tcpt_guess *guess, const struct tcpt_guess_opts *opts);

#endif
