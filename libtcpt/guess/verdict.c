// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The verdict on a solution: a document, or a refusal that names the field. */
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "guess/solver.h"
#include "guess/verdict.h"
#include "internal.h"

static void list_candidates(char *list, size_t size, const struct answer *answer)
{
	size_t n = 0;

	*list = '\0';
	for (unsigned int i = 0; i < answer->candidates && i < CANDIDATES_SHOWN && n < size; i++)
		n += snprintf(list + n, size - n, "%s%d", i ? ", " : "", answer->candidate[i]);
	if (answer->candidates > CANDIDATES_SHOWN && n < size)
		snprintf(list + n, size - n, ", ...");
}

static int refuse(const struct tcpt_guess *guess, const struct field_info *field,
		  const struct answer *answer)
{
	char list[256];

	if (answer->verdict != VERDICT_AMBIGUOUS)
		return log_error(
			guess->log, -EUCLEAN,
			"%s was not found in this kernel's memory; --explain shows the search",
			field->key);
	list_candidates(list, sizeof(list), answer);
	return log_error(guess->log, -EUCLEAN,
			 "%s is ambiguous: %u candidates remain (%s); --explain shows the search",
			 field->key, answer->candidates, list);
}

static bool may_be_absent(const struct tcpt_guess *guess, enum need need)
{
	switch (need) {
	case NEEDED:
		return false;
	case NEEDED_WITH_NETNS:
		return !guess->has_netns;
	case NEEDED_WITH_IPV6:
		return !guess->has_ipv6;
	case OPTIONAL:
	case ON_REQUEST:
		break;
	}
	return true;
}

/*
 * Returns whether an ambiguous field may be written as absent. Optional fields may,
 * unless they were asked for by name.
 */
static bool may_be_ambiguous(const struct tcpt_guess *guess, enum need need)
{
	return !guess->is_selected && (need == OPTIONAL || need == ON_REQUEST);
}

bool verdict_is_ambiguous(const struct tcpt_guess *guess)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (guess->wanted[f] && guess->solution.answer[f].verdict == VERDICT_AMBIGUOUS)
			return true;
	return false;
}

int verdict_of_solution(struct tcpt_guess *guess)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		const struct answer *answer = &guess->solution.answer[f];

		if (!guess->wanted[f])
			continue;
		if (answer->verdict == VERDICT_FOUND)
			guess->offsets->at[f] = answer->candidate[0];
		else if (answer->verdict == VERDICT_AMBIGUOUS ?
				 may_be_ambiguous(guess, fields[f].need) :
				 may_be_absent(guess, fields[f].need))
			guess->offsets->at[f] = TCPT_ABSENT;
		else
			return refuse(guess, &fields[f], answer);
	}
	return 0;
}

int verdict_check_memory(const struct tcpt_guess *guess)
{
	if (!guess->mem.is_short && !guess->fresh.is_short)
		return 0;
	return log_error(guess->log, -ENOMEM, "cannot keep the kernel's memory: %s",
			 strerror(ENOMEM));
}

int verdict_of_confirmation(struct tcpt_guess *guess)
{
	struct assignment found;

	solution_found(&guess->solution, &found);
	for (unsigned int s = guess->solving; s < guess->snapshots; s++)
		for (int f = 0; f < FIELD_COUNT; f++)
			if (guess->wanted[f] &&
			    solver_holds(&found, f, guess->snap[s], &guess->fresh) == HOLDS_NOT &&
			    !guess->fresh.is_short)
				return log_error(
					guess->log, -EUCLEAN,
					"%s=%d was contradicted by a fresh connection (%s)",
					fields[f].key, found.at[f], guess->snap[s]->label);
	return verdict_check_memory(guess);
}

/* ---- another's document ---- */

static enum tcpt_check_result compare(const struct tcpt_check *check)
{
	if (check->contradicted)
		return TCPT_CHECK_WRONG;
	if (check->document == TCPT_ABSENT && check->fresh == TCPT_ABSENT)
		return TCPT_CHECK_ABSENT;
	if (check->fresh != TCPT_ABSENT && check->fresh != check->document)
		return TCPT_CHECK_DIFFERS;
	return check->held ? TCPT_CHECK_HOLDS : TCPT_CHECK_UNTESTED;
}

static void check_field(struct tcpt_guess *guess, const struct assignment *document, int f)
{
	const struct answer *answer = &guess->solution.answer[f];
	struct tcpt_check *check = &guess->check[f];

	check->document = document->at[f];
	check->fresh = answer->verdict == VERDICT_FOUND ? answer->candidate[0] : TCPT_ABSENT;
	for (unsigned int s = 0; s < guess->snapshots; s++) {
		struct memory *mem = s < guess->solving ? &guess->mem : &guess->fresh;
		enum holding holding = solver_holds(document, f, guess->snap[s], mem);

		check->held += holding == HOLDS;
		check->contradicted += holding == HOLDS_NOT;
	}
	check->result = compare(check);
}

void verdict_on_document(struct tcpt_guess *guess)
{
	struct assignment document;

	memcpy(document.at, guess->document->at, sizeof(document.at));
	for (int f = 0; f < FIELD_COUNT; f++)
		if (guess->wanted[f])
			check_field(guess, &document, f);
}

static const struct snapshot *contradiction(struct tcpt_guess *guess,
					    const struct assignment *document, int f)
{
	for (unsigned int s = 0; s < guess->snapshots; s++)
		if (solver_holds(document, f, guess->snap[s], &guess->mem) == HOLDS_NOT)
			return guess->snap[s];
	return NULL;
}

static int verify_field(struct tcpt_guess *guess, const struct assignment *document, int f)
{
	const struct tcpt_check *check = &guess->check[f];

	if (check->contradicted)
		return log_error(guess->log, -EUCLEAN,
				 "%s=%d was contradicted by a fresh connection (%s)", fields[f].key,
				 check->document, contradiction(guess, document, f)->label);
	if (check->held || may_be_absent(guess, fields[f].need))
		return 0;
	if (check->document == TCPT_ABSENT)
		return log_error(guess->log, -EUCLEAN, "%s=absent, but this kernel has it",
				 fields[f].key);
	return log_error(guess->log, -EAGAIN, "%s=%d could not be tested", fields[f].key,
			 check->document);
}

int verdict_of_verification(struct tcpt_guess *guess)
{
	struct assignment document;
	int err;

	verdict_on_document(guess);
	err = verdict_check_memory(guess);
	memcpy(document.at, guess->document->at, sizeof(document.at));
	for (int f = 0; !err && f < FIELD_COUNT; f++)
		err = verify_field(guess, &document, f);
	return err;
}

TCPT_API int tcpt_guess_check(const struct tcpt_guess *guess, const char *field,
			      struct tcpt_check *check)
{
	int f;

	if (!guess || !field || !check)
		return -EINVAL;
	f = field_find(field);
	if (f < 0 || !guess->document || !guess->wanted[f])
		return -ENOENT;
	*check = guess->check[f];
	return 0;
}
