// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state of a trace, for people and as JSON. */
#include <inttypes.h>

#include "base/escape.h"
#include "internal.h"
#include "offsets/offsets.h"
#include "read/stat.h"

/* ---- text ---- */

/* No text is longer than the path of the pins; likewise below. */
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

static void write_string(FILE *out, const char *key, const char *value)
{
	char text[6 * PIN_MAX + 2];

	fprintf(out, "\"%s\":%.*s,", key, (int)(escape_json(text, value) - text), text);
}

static void write_process(FILE *out, const char *key, uint32_t pid, const char *comm)
{
	char text[6 * COMM_MAX + 2];

	if (!pid) {
		fprintf(out, "\"%s\":null,", key);
		return;
	}
	fprintf(out, "\"%s\":{\"pid\":%u", key, pid);
	if (*comm)
		fprintf(out, ",\"comm\":%.*s", (int)(escape_json(text, comm) - text), text);
	fputs("},", out);
}

static void write_json_trace(FILE *out, const struct tcpt_stat_trace *trace)
{
	write_string(out, "pin", trace->pin);
	write_string(out, "version", trace->version);
	fprintf(out, "\"abi\":%u,", trace->abi);
	write_string(out, "attach", tcpt_attach_name(trace->attach));
	fprintf(out, "\"loaded\":%" PRIu64 ",\"uptime_ns\":%" PRIu64 ",", trace->loaded,
		trace->now - trace->loaded);
	write_process(out, "keeper", trace->keeper, trace->keeper_comm);
	write_process(out, "reader", trace->reader, trace->reader_comm);
	fprintf(out, "\"tap\":%u,\"taps\":%u,\"ring_bytes\":%zu,\"ring_used_bytes\":%zu,",
		trace->tap, trace->taps, trace->ring_bytes, trace->ring_used);
}

static void write_json_counts(FILE *out, const struct tcpt_counts *counts)
{
	fprintf(out,
		"\"events\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"late\":%" PRIu64
		",\"conns_full\":%" PRIu64 ",\"pending_full\":%" PRIu64 ",\"fails_lost\":%" PRIu64
		"}",
		counts->events, counts->lost, counts->late, counts->conns_full,
		counts->pending_full, counts->fails_lost);
}

static void write_json_missed(FILE *out, const struct tcpt_missed *missed)
{
	fprintf(out, "{\"program\":\"%s\"", missed->program);
	if (missed->has_runs)
		fprintf(out, ",\"runs\":%" PRIu64, missed->runs);
	if (missed->has_calls)
		fprintf(out, ",\"calls\":%" PRIu64, missed->calls);
	fputc('}', out);
}

/* The document is an object by itself, in a line. */
static int write_json_document(FILE *out, const struct tcpt_offsets *offsets)
{
	void *data;
	size_t size;
	int err = tcpt_offsets_format(offsets, TCPT_OFFSETS_JSON, &data, &size);

	if (err)
		return err;
	fprintf(out, "\"document\":%.*s}\n", (int)size - 1, (const char *)data);
	free(data);
	return 0;
}

static int write_json(FILE *out, const struct tcpt_stat *stat)
{
	fputc('{', out);
	write_json_trace(out, &stat->trace);
	fputs("\"sum\":{", out);
	write_json_counts(out, &stat->sum);
	fputs(",\"cpus\":[", out);
	for (unsigned int i = 0; i < stat->cpus; i++) {
		fprintf(out, "%s{\"cpu\":%u,", i ? "," : "", stat->of[i].cpu);
		write_json_counts(out, &stat->of[i]);
	}
	fputs("],\"missed\":[", out);
	for (unsigned int i = 0; i < stat->programs; i++) {
		if (i)
			fputc(',', out);
		write_json_missed(out, &stat->missed[i]);
	}
	fputs("],", out);
	return write_json_document(out, stat->offsets);
}

/* ---- either ---- */

TCPT_API char *tcpt_stat_format(const struct tcpt_stat *stat, enum tcpt_stat_format format)
{
	char *text = NULL;
	size_t size;
	FILE *out = stat ? open_memstream(&text, &size) : NULL;
	int err = 0;

	if (!stat)
		errno = EINVAL;
	if (!out)
		return NULL;
	switch (format) {
	case TCPT_STAT_TEXT:
		write_text(out, stat);
		break;
	case TCPT_STAT_JSON:
		err = write_json(out, stat);
		break;
	case TCPT_STAT_PROMETHEUS:
		stat_prometheus_write(out, stat);
		break;
	default:
		err = -EINVAL;
	}
	if (fclose(out) && !err)
		err = -errno;
	if (!err)
		return text;
	free(text);
	errno = -err;
	return NULL;
}
