// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The explanation as a page for people. */
#include "guess/explain.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

static void print_left(FILE *out, const struct step *step)
{
	fprintf(out, "%6d left", step->left);
	for (int i = 0; i < step->left && step->left <= CANDIDATES_KEPT; i++)
		fprintf(out, "%s %d", i ? "," : ":", step->first[i]);
}

static void print_step(FILE *out, const struct tcpt_guess *guess, int f, unsigned int s)
{
	const struct snapshot *snap = guess->snap[s];
	const struct needle *needle = explain_needle_of(snap, f);
	char text[NEEDLE_TEXT_MAX] = "(its path)", place[8];

	if (needle)
		explain_needle(text, guess, needle);
	snprintf(place, sizeof(place), "s%u", s + 1);
	fprintf(out, "    %-4s %-32s %-43s", place, snap->label, text);
	print_left(out, &guess->solution.answer[f].after[s]);
	fputc('\n', out);
}

static bool same_step(const struct step *a, const struct step *b)
{
	if (a->left != b->left)
		return false;
	for (int i = 0; i < a->left && a->left <= CANDIDATES_KEPT; i++)
		if (a->first[i] != b->first[i])
			return false;
	return true;
}

/* Prints the snapshots that changed something, and counts the others. */
static void print_steps(FILE *out, const struct tcpt_guess *guess, int f)
{
	const struct step *after = guess->solution.answer[f].after, *before = NULL;
	unsigned int more = 0;

	for (unsigned int s = 0; s < guess->solving; s++) {
		if (after[s].left < 0)
			continue;
		if (before && same_step(before, &after[s])) {
			more++;
			continue;
		}
		print_step(out, guess, f, s);
		before = &after[s];
	}
	if (more)
		fprintf(out, "    and %u more snapshots that agree\n", more);
}

static void print_verdict(FILE *out, const struct tcpt_guess *guess, int f)
{
	const struct answer *answer = &guess->solution.answer[f];

	switch (answer->verdict) {
	case VERDICT_FOUND:
		fprintf(out, "= %d", answer->candidate[0]);
		break;
	case VERDICT_AMBIGUOUS:
		fprintf(out, "is ambiguous, %u candidates:", answer->candidates);
		for (unsigned int i = 0; i < answer->candidates && i < CANDIDATES_SHOWN; i++)
			fprintf(out, " %d", answer->candidate[i]);
		break;
	case VERDICT_NOT_FOUND:
		fprintf(out, "is absent: no candidate is left");
		break;
	case VERDICT_UNTRIED:
		fprintf(out, "is absent: it takes %s", fields[f].without);
		break;
	}
	fputc('\n', out);
}

static void print_window(FILE *out, const struct tcpt_guess *guess, int f)
{
	static const char *const structs[BASE_COUNT] = {
		[BASE_SOCK] = "sock",	    [BASE_NET] = "net",	  [BASE_SOCKET] = "socket",
		[BASE_FILE] = "file",	    [BASE_TASK] = "task", [BASE_FILES] = "files_struct",
		[BASE_FDTABLE] = "fdtable",
	};
	unsigned int pointer_size = guess->mem.machine.pointer_size;

	fprintf(out, "  searched: %u bytes of the %s, every %u; the field has %u\n",
		base_window[fields[f].base], structs[fields[f].base], field_align(f, pointer_size),
		field_size(f, pointer_size));
}

static void print_field(FILE *out, const struct tcpt_guess *guess, int f)
{
	const struct answer *answer = &guess->solution.answer[f];

	fprintf(out, "%s ", fields[f].key);
	print_verdict(out, guess, f);
	if (answer->verdict == VERDICT_UNTRIED)
		return;
	fprintf(out, "  rule: %s\n", fields[f].rule);
	print_window(out, guess, f);
	print_steps(out, guess, f);
	if (answer->claimed_by >= 0)
		fprintf(out, "    the other candidates lie in %s\n",
			fields[answer->claimed_by].key);
	if (answer->verdict == VERDICT_FOUND)
		fprintf(out, "  confirmed: holds in %u snapshots of fresh connections\n",
			explain_confirmations(guess, f));
}

static void print_heading(FILE *out, const struct tcpt_guess *guess)
{
	fprintf(out, "Linux %s %s, %s%s, in %s\n", guess->offsets->kernel.release,
		guess->offsets->kernel.machine, guess->is_replay ? "replayed, once via " : "via ",
		guess->via[0] ? guess->via : "nothing",
		guess->netns.is_private ? "network namespaces of its own" :
					  "the present network namespace");
	if (guess->is_single_netns)
		fprintf(out, "There was only one network namespace: skc_net and "
			     "net.ns.inum could not be seen to differ.\n");
	fprintf(out, "\n"
		     "A needle is the value that a field is known to hold, in "
		     "the byte order of memory.\n"
		     "Each snapshot of a socket's memory strikes the "
		     "candidates that do not hold it.\n"
		     "\n");
}

static void print_cost(FILE *out, const struct tcpt_guess *guess)
{
	fprintf(out,
		"cost: %u connections, %u snapshots (%u to confirm), %u reads of memory, %llu.%llu "
		"ms\n",
		guess->connections, guess->snapshots, guess->snapshots - guess->solving,
		guess->mem.reads + guess->fresh.reads,
		(unsigned long long)guess->duration_ns / 1000000,
		(unsigned long long)guess->duration_ns / 100000 % 10);
}

void explain_text(FILE *out, const struct tcpt_guess *guess)
{
	print_heading(out, guess);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (!guess->wanted[f])
			continue;
		print_field(out, guess, f);
		fputc('\n', out);
	}
	print_cost(out, guess);
}
