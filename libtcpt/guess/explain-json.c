// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The explanation as one JSON object. */
#include "base/json.h"
#include "guess/explain.h"
#include "guess/guess.h"
#include "guess/snapshot.h"
#include "internal.h"

static void print_numbers(struct json *json, const int *number, int count)
{
	json_open(json, "candidates", '[');
	for (int i = 0; i < count; i++)
		json_int(json, NULL, number[i]);
	json_close(json, ']');
}

static void print_step(struct json *json, const struct tcpt_guess *guess, int f, unsigned int s)
{
	const struct step *step = &guess->solution.answer[f].after[s];
	const struct needle *needle = explain_needle_of(guess->snap[s], f);
	char text[NEEDLE_TEXT_MAX];

	json_open(json, NULL, '{');
	json_number(json, "snapshot", s + 1);
	if (needle)
		json_string(json, "needle", explain_needle(text, guess, needle));
	json_int(json, "left", step->left);
	if (step->left <= CANDIDATES_KEPT)
		print_numbers(json, step->first, step->left);
	json_close(json, '}');
}

static void print_steps(struct json *json, const struct tcpt_guess *guess, int f)
{
	json_open(json, "steps", '[');
	for (unsigned int s = 0; s < guess->solving; s++)
		if (guess->solution.answer[f].after[s].left >= 0)
			print_step(json, guess, f, s);
	json_close(json, ']');
}

static void print_field(struct json *json, const struct tcpt_guess *guess, int f)
{
	const struct answer *answer = &guess->solution.answer[f];
	unsigned int shown = answer->candidates < CANDIDATES_SHOWN ? answer->candidates :
								     CANDIDATES_SHOWN;

	json_open(json, NULL, '{');
	json_string(json, "field", fields[f].key);
	json_string(json, "verdict", explain_verdict(answer));
	if (answer->verdict == VERDICT_FOUND)
		json_int(json, "offset", answer->candidate[0]);
	if (answer->verdict == VERDICT_AMBIGUOUS)
		print_numbers(json, answer->candidate, shown);
	if (answer->verdict == VERDICT_UNTRIED)
		json_string(json, "without", fields[f].without);
	else
		json_string(json, "rule", fields[f].rule);
	if (answer->claimed_by >= 0)
		json_string(json, "claimed_by", fields[answer->claimed_by].key);
	print_steps(json, guess, f);
	json_number(json, "confirmed", explain_confirmations(guess, f));
	json_close(json, '}');
}

static void print_snapshot(struct json *json, const struct tcpt_guess *guess, unsigned int s)
{
	const struct snapshot *snap = guess->snap[s];

	json_open(json, NULL, '{');
	json_number(json, "snapshot", s + 1);
	json_string(json, "label", snap->label);
	json_bool(json, "confirms", s >= guess->solving);
	json_int(json, "connection", snap->connection);
	json_int(json, "namespace", snap->netns);
	json_int(json, "fdtable", snap->fdtable);
	json_int(json, "fd", snap->fd);
	json_close(json, '}');
}

static void print_heading(struct json *json, const struct tcpt_guess *guess)
{
	json_open(json, "kernel", '{');
	json_string(json, "release", guess->offsets->kernel.release);
	json_string(json, "machine", guess->offsets->kernel.machine);
	json_close(json, '}');
	json_string(json, "via", guess->via);
	json_bool(json, "replay", guess->is_replay);
	json_bool(json, "private_netns", guess->netns.is_private);
	json_bool(json, "single_netns", guess->is_single_netns);
}

static void print_cost(struct json *json, const struct tcpt_guess *guess)
{
	char ms[32];

	snprintf(ms, sizeof(ms), "%llu.%llu", (unsigned long long)guess->duration_ns / 1000000,
		 (unsigned long long)guess->duration_ns / 100000 % 10);
	json_open(json, "cost", '{');
	json_number(json, "connections", guess->connections);
	json_number(json, "snapshots", guess->snapshots);
	json_number(json, "reads", guess->mem.reads + guess->fresh.reads);
	json_literal(json, "ms", ms);
	json_close(json, '}');
}

void explain_json(FILE *out, const struct tcpt_guess *guess)
{
	struct json json;

	json_begin(&json, NULL, out);
	print_heading(&json, guess);
	json_open(&json, "fields", '[');
	for (int f = 0; f < FIELD_COUNT; f++)
		if (guess->wanted[f])
			print_field(&json, guess, f);
	json_close(&json, ']');
	json_open(&json, "snapshots", '[');
	for (unsigned int s = 0; s < guess->snapshots; s++)
		print_snapshot(&json, guess, s);
	json_close(&json, ']');
	print_cost(&json, guess);
	json_end(&json);
}
