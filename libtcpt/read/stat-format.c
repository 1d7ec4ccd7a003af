// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state of a trace, for people and as JSON. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "internal.h"
#include "offsets/offsets-format.h"
#include "offsets/offsets.h"
#include "read/stat.h"

/* ---- text ---- */

/* Writes a text, escaped. No text is longer than the path of the pins. */
static void write_escaped(FILE *out, const char *value)
{
	char text[6 * PIN_MAX];

	*escape_column(text, value) = '\0';
	fputs(text, out);
}

static void write_age(FILE *out, uint64_t seconds)
{
	if (seconds >= 86400)
		fprintf(out, "%" PRIu64 " d ", seconds / 86400);
	if (seconds >= 3600)
		fprintf(out, "%" PRIu64 " h ", seconds / 3600 % 24);
	if (seconds >= 60)
		fprintf(out, "%" PRIu64 " min ", seconds / 60 % 60);
	fprintf(out, "%" PRIu64 " s ago", seconds % 60);
}

static void write_keeper(FILE *out, const struct tcpt_stat_trace *trace)
{
	if (!trace->keeper) {
		fputs("pinned", out);
	} else if (*trace->keeper_comm) {
		fputs("held by ", out);
		write_escaped(out, trace->keeper_comm);
		fprintf(out, " (pid %u)", trace->keeper);
	} else {
		fprintf(out, "gone with pid %u, or held in another pid namespace", trace->keeper);
	}
}

static void write_trace(FILE *out, const struct tcpt_stat_trace *trace)
{
	fputs("trace    ", out);
	write_escaped(out, trace->pin);
	fprintf(out, "\nversion  %s, ABI %u\nloaded   ", trace->version, trace->abi);
	write_age(out, (trace->now - trace->loaded) / 1000000000);
	fprintf(out, ", by %s\nlinks    ", tcpt_attach_name(trace->attach));
	write_keeper(out, trace);
	fputs("\nreader   ", out);
	if (trace->reader) {
		write_escaped(out, trace->reader_comm);
		fprintf(out, " (pid %u)", trace->reader);
	} else {
		fputs("none", out);
	}
	fprintf(out, "\nring     %zu of %zu bytes wait to be read", trace->ring_used,
		trace->ring_bytes);
	if (trace->taps > 1)
		fprintf(out, ", tap %u of %u", trace->tap, trace->taps);
	fputc('\n', out);
	fprintf(out, "offsets  %s, for Linux ", trace->source);
	write_escaped(out, trace->kernel_release);
	fputc(' ', out);
	write_escaped(out, trace->kernel_machine);
	fputs(*trace->build_id ? ", build id " : "", out);
	write_escaped(out, trace->build_id);
	fputc('\n', out);
}

static void write_counts(FILE *out, const struct tcpt_counts *counts)
{
	fprintf(out,
		" %14" PRIu64 " %10" PRIu64 " %10" PRIu64 " %12" PRIu64 " %12" PRIu64 " %10" PRIu64
		"\n",
		counts->events, counts->lost, counts->late, counts->conns_full,
		counts->pending_full, counts->fails_lost);
}

static bool is_idle(const struct tcpt_counts *counts)
{
	return !counts->events && !counts->lost && !counts->late && !counts->conns_full &&
	       !counts->pending_full && !counts->fails_lost;
}

static void write_all_counts(FILE *out, const struct tcpt_stat *stat)
{
	fprintf(out, "\n%-4s %14s %10s %10s %12s %12s %10s\n%-4s", "CPU", "EVENTS", "LOST", "LATE",
		"CONNS FULL", "PENDING FULL", "FAILS LOST", "all");
	write_counts(out, &stat->sum);
	for (unsigned int i = 0; i < stat->cpus; i++) {
		if (is_idle(&stat->of[i]))
			continue;
		fprintf(out, "%-4u", stat->of[i].cpu);
		write_counts(out, &stat->of[i]);
	}
}

static void write_missed_count(FILE *out, bool is_known, uint64_t count)
{
	if (is_known)
		fprintf(out, " %12" PRIu64, count);
	else
		fprintf(out, " %12s", "-");
}

static void write_missed(FILE *out, const struct tcpt_stat *stat)
{
	fprintf(out, "\n%-16s %12s %12s\n", "MISSED BY", "RUNS", "CALLS");
	for (unsigned int i = 0; i < stat->programs; i++) {
		fprintf(out, "%-16s", stat->missed[i].program);
		write_missed_count(out, stat->missed[i].has_runs, stat->missed[i].runs);
		write_missed_count(out, stat->missed[i].has_calls, stat->missed[i].calls);
		fputc('\n', out);
	}
}

static void write_offsets(FILE *out, const struct tcpt_offsets *offsets)
{
	fprintf(out, "\n%-30s %6s\n", "FIELD", "OFFSET");
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (offsets->at[f] == TCPT_ABSENT)
			fprintf(out, "%-30s %6s\n", fields[f].key, "absent");
		else if (offsets->at[f] >= 0)
			fprintf(out, "%-30s %6d\n", fields[f].key, offsets->at[f]);
	}
}

static void write_text(FILE *out, const struct tcpt_stat *stat)
{
	write_trace(out, &stat->trace);
	write_all_counts(out, stat);
	write_missed(out, stat);
	write_offsets(out, stat->offsets);
}

/* ---- JSON ---- */

static void write_process(struct json *json, const char *key, uint32_t pid, const char *comm)
{
	if (!pid) {
		json_literal(json, key, "null");
		return;
	}
	json_open(json, key, '{');
	json_number(json, "pid", pid);
	if (*comm)
		json_string(json, "comm", comm);
	json_close(json, '}');
}

static void write_json_trace(struct json *json, const struct tcpt_stat_trace *trace)
{
	json_string(json, "pin", trace->pin);
	json_string(json, "version", trace->version);
	json_number(json, "abi", trace->abi);
	json_string(json, "attach", tcpt_attach_name(trace->attach));
	json_number(json, "loaded", trace->loaded);
	json_number(json, "uptime_ns", trace->now - trace->loaded);
	write_process(json, "keeper", trace->keeper, trace->keeper_comm);
	write_process(json, "reader", trace->reader, trace->reader_comm);
	json_number(json, "tap", trace->tap);
	json_number(json, "taps", trace->taps);
	json_number(json, "ring_bytes", trace->ring_bytes);
	json_number(json, "ring_used_bytes", trace->ring_used);
}

static void write_json_counts(struct json *json, const struct tcpt_counts *counts)
{
	json_number(json, "events", counts->events);
	json_number(json, "lost", counts->lost);
	json_number(json, "late", counts->late);
	json_number(json, "conns_full", counts->conns_full);
	json_number(json, "pending_full", counts->pending_full);
	json_number(json, "fails_lost", counts->fails_lost);
	json_close(json, '}');
}

static void write_json_missed(struct json *json, const struct tcpt_missed *missed)
{
	json_open(json, NULL, '{');
	json_string(json, "program", missed->program);
	if (missed->has_runs)
		json_number(json, "runs", missed->runs);
	if (missed->has_calls)
		json_number(json, "calls", missed->calls);
	json_close(json, '}');
}

static void write_json(FILE *out, const struct tcpt_stat *stat)
{
	struct json json;

	json_begin(&json, NULL, out);
	write_json_trace(&json, &stat->trace);
	json_open(&json, "sum", '{');
	write_json_counts(&json, &stat->sum);
	json_open(&json, "cpus", '[');
	for (unsigned int i = 0; i < stat->cpus; i++) {
		json_open(&json, NULL, '{');
		json_number(&json, "cpu", stat->of[i].cpu);
		write_json_counts(&json, &stat->of[i]);
	}
	json_close(&json, ']');
	json_open(&json, "missed", '[');
	for (unsigned int i = 0; i < stat->programs; i++)
		write_json_missed(&json, &stat->missed[i]);
	json_close(&json, ']');
	json_open(&json, "document", '{');
	offsets_format_json(&json, stat->offsets);
	json_close(&json, '}');
	json_end(&json);
}

/* ---- either ---- */

TCPT_API char *tcpt_stat_format(const struct tcpt_stat *stat, enum tcpt_stat_format format)
{
	static void (*const writers[])(FILE * out, const struct tcpt_stat *stat) = {
		[TCPT_STAT_TEXT] = write_text,
		[TCPT_STAT_JSON] = write_json,
		[TCPT_STAT_PROMETHEUS] = stat_prometheus_write,
	};
	bool is_known = stat && (unsigned int)format < ARRAY_SIZE(writers);
	char *text = NULL;
	size_t size;
	FILE *out = is_known ? open_memstream(&text, &size) : NULL;

	if (!is_known)
		errno = EINVAL;
	if (!out)
		return NULL;
	writers[format](out, stat);
	if (!fclose(out))
		return text;
	free(text);
	errno = ENOMEM;
	return NULL;
}
