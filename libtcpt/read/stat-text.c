// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The state of a trace for people. What matters comes first, and fits a terminal of 80
 * columns and 24 lines. All figures are written only if they are asked for.
 */
#include <inttypes.h>

#include "base/escape.h"
#include "internal.h"
#include "offsets/offsets.h"
#include "read/stat.h"

/* ---- losses ---- */

static bool is_complete(const struct tcpt_counts *sum)
{
	return !sum->lost && !sum->conns_full && !sum->pending_full && !sum->fails_lost;
}

static void write_loss(FILE *out, uint64_t count, const char *what)
{
	if (count)
		fprintf(out, "lost     %" PRIu64 " %s\n", count, what);
}

/* What a recorder overwrites is not lost, but it is not there either. */
static const char *judge(const struct tcpt_counts *sum)
{
	if (!is_complete(sum))
		return "no, something was lost";
	return sum->overwritten ? "yes, but for what was overwritten" : "yes, nothing was lost";
}

static void write_losses(FILE *out, const struct tcpt_stat *stat)
{
	const struct tcpt_counts *sum = &stat->sum;

	fprintf(out, "complete %s", judge(sum));
	if (stat->trace.taps > 1)
		fprintf(out, " at tap %u", stat->trace.tap);
	fputc('\n', out);
	write_loss(out, sum->lost, "events found the ring full");
	write_loss(out, sum->fails_lost, "failed connects were not reported");
	write_loss(out, sum->conns_full, "connections found no room: their closes say less");
	write_loss(out, sum->pending_full, "times a connect found no room: its events say less");
	write_loss(out, sum->processes_full, "processes lost their place in the table");
}

/* ---- the trace ---- */

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
	fputc('\n', out);
}

static void write_reader(FILE *out, const struct tcpt_stat_tap *tap)
{
	if (!tap->reader) {
		fputs("none", out);
		return;
	}
	write_escaped(out, tap->reader_comm);
	fprintf(out, " (pid %u)", tap->reader);
}

/* Returns how full the ring is, at least 1 if anything waits. */
static unsigned int percent(const struct tcpt_stat_tap *tap)
{
	return tap->ring_bytes ? (100ULL * tap->ring_used + tap->ring_bytes - 1) / tap->ring_bytes :
				 0;
}

static void write_tap(FILE *out, const struct tcpt_stat *stat, const struct tcpt_stat_tap *tap)
{
	fprintf(out, "tap %u    ", tap->tap);
	write_reader(out, tap);
	fprintf(out, ", %s %u %% full", tcpt_store_name(stat->trace.store), percent(tap));
	if (stat->trace.is_recorder)
		fprintf(out, ", %" PRIu64 " overwritten", tap->overwritten);
	if (tap->lost || !stat->trace.is_recorder)
		fprintf(out, ", %" PRIu64 " lost", tap->lost);
	fputc('\n', out);
}

/* Writes who reads and what waits, in a line for each tap if there are several. */
static void write_readers(FILE *out, const struct tcpt_stat *stat)
{
	const struct tcpt_stat_tap *tap = stat->taps;
	const char *store = tcpt_store_name(stat->trace.store);

	if (stat->trace.taps > 1) {
		for (; tap < stat->taps + stat->trace.taps; tap++)
			write_tap(out, stat, tap);
		return;
	}
	fputs("reader   ", out);
	write_reader(out, tap);
	fprintf(out, "\n%-8s %zu of %zu bytes wait to be read\n", store, tap->ring_used,
		tap->ring_bytes);
	if (stat->trace.is_recorder)
		fprintf(out, "recorder %" PRIu64 " events were overwritten before they were read\n",
			tap->overwritten);
}

/* ---- events and misses ---- */

static bool sum_missed(const struct tcpt_stat *stat, uint64_t *sum)
{
	bool is_known = false;

	*sum = 0;
	for (unsigned int i = 0; i < stat->programs; i++) {
		const struct tcpt_missed *missed = &stat->missed[i];

		is_known |= missed->has_runs || missed->has_calls;
		*sum += missed->runs + missed->calls;
	}
	return is_known;
}

/* Says what a miss is, and what became of it. Without programs the caller is a member. */
static void write_misses(FILE *out, const struct tcpt_stat *stat)
{
	uint64_t missed;
	bool is_known = sum_missed(stat, &missed);

	fputs("missed   ", out);
	if (!stat->programs)
		fputs("not shown to members of the group", out);
	else if (!is_known)
		fputs("not counted by this kernel", out);
	else if (!missed)
		fputs("none: the kernel ran the program of each hook", out);
	else
		fprintf(out, "%" PRIu64 " times the kernel did not run the program of a hook",
			missed);
	fputs("\nrepaired ", out);
	if (stat->sum.late)
		fprintf(out, "%" PRIu64 " events: late, a later hook reported what others missed\n",
			stat->sum.late);
	else
		fputs("none: no event was late, each was reported by a hook of its own\n", out);
}

/* ---- connections and filters ---- */

static void write_open(FILE *out, const struct tcpt_stat_trace *trace)
{
	if (trace->has_open)
		fprintf(out, "open     %" PRIu64 " connections, %" PRIu64 " can be remembered\n",
			trace->open, trace->open_room);
}

#define FILTERS_WIDTH 60 /* with the label and "and 1024 more" a line has 80 columns */

/* Writes as many of the filters from first on as fit the line. */
static void write_list(FILE *out, const struct tcpt_filter *filters, size_t n)
{
	char line[FILTERS_WIDTH + TCPT_FILTER_VALUE_MAX + 64];
	size_t used = 0, i;

	for (i = 0; i < n && used < FILTERS_WIDTH - 20; i++) {
		bool follows = i && filters[i - 1].key == filters[i].key;

		if (follows)
			used += sprintf(line + used, ",");
		else
			used += sprintf(line + used, "%s%s=", i ? " " : "",
					tcpt_filter_key_name(filters[i].key));
		used += tcpt_filter_format(&filters[i], TCPT_FORMAT_TEXT, line + used);
	}
	fwrite(line, 1, used, out);
	if (i < n)
		fprintf(out, ", and %zu more", n - i);
	fputc('\n', out);
}

/* Watched processes are no filters. They stand at the end of the list. */
static void write_filters(FILE *out, const struct tcpt_stat *stat)
{
	size_t n = stat->filter_count;

	if (!stat->trace.has_filters) {
		fputs("filters  not shown to members of the group\n", out);
		return;
	}
	while (n && stat->filters[n - 1].key == TCPT_FILTER_WATCH)
		n--;
	fputs("filters  ", out);
	if (n)
		write_list(out, stat->filters, n);
	else
		fputs("none, all connections are reported\n", out);
	if (n < stat->filter_count)
		fprintf(out, "watched  %zu processes\n", stat->filter_count - n);
}

void stat_text_write(FILE *out, const struct tcpt_stat *stat)
{
	write_losses(out, stat);
	write_trace(out, &stat->trace);
	write_readers(out, stat);
	fprintf(out, "events   %" PRIu64 "\n", stat->sum.events);
	stat_totals_write_text(out, stat);
	write_open(out, &stat->trace);
	write_filters(out, stat);
	write_misses(out, stat);
	fprintf(out, "offsets  %s, for Linux ", stat->trace.source);
	write_escaped(out, stat->trace.kernel_release);
	fputc(' ', out);
	write_escaped(out, stat->trace.kernel_machine);
	fputc('\n', out);
}

/* ---- all figures ---- */

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

void stat_text_write_all(FILE *out, const struct tcpt_stat *stat)
{
	stat_text_write(out, stat);
	if (*stat->trace.build_id) {
		fputs("build id ", out);
		write_escaped(out, stat->trace.build_id);
		fputc('\n', out);
	}
	write_all_counts(out, stat);
	write_missed(out, stat);
	write_offsets(out, stat->offsets);
}
