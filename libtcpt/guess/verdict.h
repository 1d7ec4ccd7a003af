/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verdict on a solution: a document, or a refusal. */
#ifndef TCPT_VERDICT_H
#define TCPT_VERDICT_H

#include <stdbool.h>

struct tcpt_guess;

/* Returns whether a wanted field has more than one candidate left. */
bool verdict_is_ambiguous(const struct tcpt_guess *guess);
/* Writes what was found to guess->offsets, or refuses it with a message. */
int verdict_of_solution(struct tcpt_guess *guess);
/* Checks that no fresh snapshot contradicts what was found. */
int verdict_of_confirmation(struct tcpt_guess *guess);
/* Returns -ENOMEM, with a message, if memory could not be kept: nothing follows from it. */
int verdict_check_memory(const struct tcpt_guess *guess);
/* Compares guess->document with all snapshots. */
void verdict_on_document(struct tcpt_guess *guess);
/* Verifies the document: no snapshot contradicts it, and each needed field was tested. */
int verdict_of_verification(struct tcpt_guess *guess);

#endif
