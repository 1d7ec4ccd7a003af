// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The explanation as one JSON object. */
#include "base/escape.h"
#include "guess/explain.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

#define STRING_MOST 256

/* Prints a string, cut off at STRING_MOST bytes. No name, label or rule is longer. */
static void print_string(FILE *out, const char *text)
{
	char own[STRING_MOST + 1], escaped[6 * STRING_MOST + 3];

	snprintf(own, sizeof(own), "%s", text);
	*escape_json(escaped, own) = '\0';
	fputs(escaped, out);
}

static void print_key(FILE *out, const char *key, const char *text)
{
	fprintf(out, "\"%s\":", key);
	print_string(out, text);
}

static void print_numbers(FILE *out, const char *key, const int *number, int count)
{
	fprintf(out, ",\"%s\":[", key);
	for (int i = 0; i < count; i++)
		fprintf(out, "%s%d", i ? "," : "", number[i]);
	fputc(']', out);
}

static void print_needle(FILE *out, const struct tcpt_guess *guess, const struct needle *needle)
{
	fputs(",\"needle\":\"", out);
	explain_needle(out, guess, needle);
	fputc('"', out);
}

static void print_step(FILE *out, const struct tcpt_guess *guess, int f, unsigned int s)
{
	const struct step *step = &guess->solution.answer[f].after[s];
	const struct needle *needle = explain_needle_of(guess->snap[s], f);

	fprintf(out, "{\"snapshot\":%u", s + 1);
	if (needle)
		print_needle(out, guess, needle);
	fprintf(out, ",\"left\":%d", step->left);
	if (step->left <= CANDIDATES_KEPT)
		print_numbers(out, "candidates", step->first, step->left);
	fputc('}', out);
}

static void print_steps(FILE *out, const struct tcpt_guess *guess, int f)
{
	const char *comma = "";

	fputs(",\"steps\":[", out);
	for (unsigned int s = 0; s < guess->solving; s++) {
		if (guess->solution.answer[f].after[s].left < 0)
			continue;
		fputs(comma, out);
		print_step(out, guess, f, s);
		comma = ",";
	}
	fputc(']', out);
}

static void print_field(FILE *out, const struct tcpt_guess *guess, int f)
{
	const struct answer *answer = &guess->solution.answer[f];
	unsigned int shown = answer->candidates < CANDIDATES_SHOWN ? answer->candidates :
								     CANDIDATES_SHOWN;

	fputc('{', out);
	print_key(out, "field", fields[f].key);
	fputc(',', out);
	print_key(out, "verdict", explain_verdict(answer));
	if (answer->verdict == VERDICT_FOUND)
		fprintf(out, ",\"offset\":%d", answer->candidate[0]);
	if (answer->verdict == VERDICT_AMBIGUOUS)
		print_numbers(out, "candidates", answer->candidate, shown);
	fputc(',', out);
	print_key(out, answer->verdict == VERDICT_UNTRIED ? "without" : "rule",
		  answer->verdict == VERDICT_UNTRIED ? fields[f].without : fields[f].rule);
	if (answer->claimed_by >= 0) {
		fputc(',', out);
		print_key(out, "claimed_by", fields[answer->claimed_by].key);
	}
	print_steps(out, guess, f);
	fprintf(out, ",\"confirmed\":%u}", explain_confirmations(guess, f));
}

static void print_snapshot(FILE *out, const struct tcpt_guess *guess, unsigned int s)
{
	const struct snapshot *snap = guess->snap[s];

	fprintf(out, "%s{\"snapshot\":%u,", s ? "," : "", s + 1);
	print_key(out, "label", snap->label);
	fprintf(out,
		",\"confirms\":%s,\"connection\":%d,\"namespace\":%d,\"fdtable\":%d,\"fd\":%d}",
		s < guess->solving ? "false" : "true", snap->connection, snap->netns, snap->fdtable,
		snap->fd);
}

static void print_fields(FILE *out, const struct tcpt_guess *guess)
{
	const char *comma = "";

	fputs(",\"fields\":[", out);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (!guess->wanted[f])
			continue;
		fputs(comma, out);
		print_field(out, guess, f);
		comma = ",";
	}
	fputc(']', out);
}

static void print_heading(FILE *out, const struct tcpt_guess *guess)
{
	fputs("\"kernel\":{", out);
	print_key(out, "release", guess->offsets->kernel.release);
	fputc(',', out);
	print_key(out, "machine", guess->offsets->kernel.machine);
	fputs("},", out);
	print_key(out, "via", guess->via);
	fprintf(out, ",\"replay\":%s,\"private_netns\":%s,\"single_netns\":%s",
		guess->is_replay ? "true" : "false", guess->netns.is_private ? "true" : "false",
		guess->is_single_netns ? "true" : "false");
}

void explain_json(FILE *out, const struct tcpt_guess *guess)
{
	fputc('{', out);
	print_heading(out, guess);
	print_fields(out, guess);
	fputs(",\"snapshots\":[", out);
	for (unsigned int s = 0; s < guess->snapshots; s++)
		print_snapshot(out, guess, s);
	fprintf(out,
		"],\"cost\":{\"connections\":%u,\"snapshots\":%u,\"reads\":%u,\"ms\":%llu.%llu}}\n",
		guess->connections, guess->snapshots, guess->mem.reads + guess->fresh.reads,
		(unsigned long long)guess->duration_ns / 1000000,
		(unsigned long long)guess->duration_ns / 100000 % 10);
}
