/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What both forms of the explanation have in common. */
#ifndef TCPT_EXPLAIN_H
#define TCPT_EXPLAIN_H

#include <stdio.h>

struct answer;
struct needle;
struct snapshot;
struct tcpt_guess;

const char *explain_verdict(const struct answer *answer);
/* In how many fresh snapshots the offset holds. */
unsigned int explain_confirmations(const struct tcpt_guess *guess, int f);
void explain_needle(FILE *out, const struct tcpt_guess *guess, const struct needle *needle);
const struct needle *explain_needle_of(const struct snapshot *snap, int f);
void explain_text(FILE *out, const struct tcpt_guess *guess);
void explain_json(FILE *out, const struct tcpt_guess *guess);

#endif
