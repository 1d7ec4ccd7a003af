/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts that both forms of the explanation share. */
#ifndef TCPT_EXPLAIN_H
#define TCPT_EXPLAIN_H

#include <stdio.h>

#define NEEDLE_TEXT_MAX 48

struct answer;
struct needle;
struct snapshot;
struct tcpt_guess;

/* Returns the name of the verdict. */
const char *explain_verdict(const struct answer *answer);
/* Returns the number of fresh snapshots in which the offset of field f holds. */
unsigned int explain_confirmations(const struct tcpt_guess *guess, int f);
/* Writes a needle, kind and bytes, to text, of NEEDLE_TEXT_MAX bytes. Returns text. */
const char *explain_needle(char *text, const struct tcpt_guess *guess, const struct needle *needle);
/* Returns the first needle that the snapshot has for field f; NULL if it has none. */
const struct needle *explain_needle_of(const struct snapshot *snap, int f);
void explain_text(FILE *out, const struct tcpt_guess *guess);
void explain_json(FILE *out, const struct tcpt_guess *guess);

#endif
