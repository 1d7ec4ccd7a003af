/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the solution to a document, or to a refusal. */
#ifndef TCPT_VERDICT_H
#define TCPT_VERDICT_H

#include <stdbool.h>

struct tcpt_guess;

/* Of a wanted field more than one candidate is left. */
bool verdict_is_ambiguous(const struct tcpt_guess *guess);
int verdict_of_solution(struct tcpt_guess *guess);
/* The fresh snapshots bear out what was found. */
int verdict_of_confirmation(struct tcpt_guess *guess);
/* -ENOMEM and a message if there was no room for what was read: nothing follows from it. */
int verdict_check_memory(const struct tcpt_guess *guess);
/* What all snapshots say of guess->document. */
void verdict_on_document(struct tcpt_guess *guess);
/* The document by itself: no snapshot contradicts it, and all that is needed was tested. */
int verdict_of_verification(struct tcpt_guess *guess);

#endif
