// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How the guess came about, for people. */
#include <stdio.h>

#include "guess.h"

static void print_verdict(FILE *out, const struct answer *answer)
{
	switch (answer->verdict) {
	case VERDICT_FOUND:
		fprintf(out, "%d", answer->candidate[0]);
		break;
	case VERDICT_AMBIGUOUS:
		fprintf(out, "ambiguous:");
		for (unsigned int i = 0; i < answer->candidates && i < CANDIDATES_SHOWN; i++)
			fprintf(out, " %d", answer->candidate[i]);
		break;
	case VERDICT_NOT_FOUND:
		fprintf(out, "absent: no candidate is left");
		break;
	case VERDICT_UNTRIED:
		fprintf(out, "absent: nothing here could show it");
		break;
	}
}

/* "s3:12" is twelve candidates after snapshot 3; a count that stays is not repeated. */
static void print_narrowing(FILE *out, const struct answer *answer, unsigned int snapshots)
{
	short before = -1;

	for (unsigned int s = 0; s < snapshots; s++) {
		if (answer->left[s] < 0 || answer->left[s] == before)
			continue;
		fprintf(out, " s%u:%d", s + 1, answer->left[s]);
		before = answer->left[s];
	}
	if (answer->claimed_by >= 0)
		fprintf(out, " then %u: the rest lies in %s", answer->candidates,
			fields[answer->claimed_by].key);
}

static void print_field(FILE *out, const struct tcpt_guess *guess, int f)
{
	const struct answer *answer = &guess->solution.answer[f];

	fprintf(out, "%-30s ", fields[f].key);
	print_verdict(out, answer);
	fprintf(out, "\n    rule: %s\n    candidates left:", fields[f].rule);
	print_narrowing(out, answer, guess->snapshots);
	fputc('\n', out);
}

static void print_needle(FILE *out, const struct needle *needle)
{
	const struct field_info *field = &fields[needle->field];

	fprintf(out, " %s%s", field->key, needle->unlike ? "!=" : needle->soft ? "~" : "=");
	for (unsigned int i = 0; i < field->size; i++)
		fprintf(out, "%02x", needle->bytes[i]);
}

static void print_snapshot(FILE *out, const struct snapshot *snap, unsigned int number)
{
	fprintf(out, "s%u  %s (connection %d, namespace %d, fd %d)\n   ", number, snap->label,
		snap->connection, snap->netns, snap->fd);
	for (unsigned int i = 0; i < snap->needles; i++)
		print_needle(out, &snap->needle[i]);
	fputc('\n', out);
}

static void print_cost(FILE *out, const struct tcpt_guess *guess)
{
	fprintf(out, "cost: %u connections, %u snapshots, %u reads of memory, %.1f ms\n",
		guess->connections, guess->snapshots + guess->confirmations, guess->mem.reads,
		guess->duration_ns / 1e6);
	fprintf(out, "confirmed by %u snapshots of fresh connections\n", guess->confirmations);
}

TCPT_API char *tcpt_guess_explain(const struct tcpt_guess *guess)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "via %s, in %s\n\nsnapshots and what was known of them (bytes in memory order):\n",
		guess->via ? guess->via : "nothing",
		guess->netns.is_private ? "network namespaces of its own" :
					  "the present network namespace");
	for (unsigned int s = 0; s < guess->snapshots; s++)
		print_snapshot(out, guess->snap[s], s + 1);
	fprintf(out, "\nfields:\n");
	for (int f = 0; f < FIELD_COUNT; f++)
		print_field(out, guess, f);
	fputc('\n', out);
	print_cost(out, guess);
	if (fclose(out))
		return NULL;
	return text;
}
