// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The state of a trace in the text format of Prometheus, for a textfile
 * collector. Each metric has its HELP and TYPE once, and all samples behind it. There are
 * no sums, because a query makes them. What connections are called follows the semantic
 * conventions of OpenTelemetry (system.network.connection.count), but promtool wants no
 * gauge to end in _count.
 */
#include <inttypes.h>

#include "base/escape.h"
#include "internal.h"
#include "offsets/offsets-format.h"
#include "read/stat.h"

static void begin(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Writes a label in quotes. It escapes quotes, backslashes and what is not printable UTF-8. */
static void write_label(FILE *out, const char *label, const char *value)
{
	char text[6 * METADATA_MAX];

	*escape_column(text, value) = '\0';
	fprintf(out, "%s=\"", label);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

static void write_gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
	begin(out, name, "gauge", help);
	fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static void write_info(FILE *out, const struct tcpt_stat_trace *trace)
{
	begin(out, "tcpt_trace_info", "gauge", "The trace that is loaded, always 1.");
	fputs("tcpt_trace_info{", out);
	write_label(out, "version", trace->version);
	fprintf(out, ",abi=\"%u\",", trace->abi);
	write_label(out, "attach", tcpt_attach_name(trace->attach));
	fputc(',', out);
	write_label(out, "store", tcpt_store_name(trace->store));
	fprintf(out, ",recorder=\"%s\",", trace->is_recorder ? "true" : "false");
	write_label(out, "source", trace->source);
	fputc(',', out);
	write_label(out, "release", trace->kernel_release);
	fputc(',', out);
	write_label(out, "build_id", trace->build_id);
	fputs("} 1\n", out);
}

/* Members of the trace's group do not see what is open. */
static void write_open(FILE *out, const struct tcpt_stat_trace *trace)
{
	if (!trace->has_open)
		return;
	begin(out, "tcpt_network_connections", "gauge",
	      "Connections that are open, older ones included.");
	fprintf(out, "tcpt_network_connections{network_transport=\"tcp\"} %" PRIu64 "\n",
		trace->open);
	begin(out, "tcpt_network_connections_limit", "gauge",
	      "Connections that the trace can remember, without older ones.");
	fprintf(out, "tcpt_network_connections_limit{network_transport=\"tcp\"} %" PRIu64 "\n",
		trace->open_room);
}

static void write_trace(FILE *out, const struct tcpt_stat_trace *trace)
{
	uint64_t ms = (trace->now - trace->loaded) / 1000000;

	write_info(out, trace);
	begin(out, "tcpt_uptime_seconds", "gauge",
	      "Time since the trace was loaded, without suspend.");
	fprintf(out, "tcpt_uptime_seconds %" PRIu64 ".%03" PRIu64 "\n", ms / 1000, ms % 1000);
	write_gauge(out, "tcpt_readers", "Processes that read the trace, 0 or 1.",
		    trace->reader != 0);
	write_gauge(out, "tcpt_ring_size_bytes", "Size of the event ring.", trace->ring_bytes);
	write_gauge(out, "tcpt_ring_used_bytes", "Bytes in the ring that wait to be read.",
		    trace->ring_used);
}

static const struct counter {
	const char *name;
	const char *help;
	size_t offset; /* in struct tcpt_counts */
} counters[] = {
#define AT(member) offsetof(struct tcpt_counts, member)
	{ "tcpt_events_lost_total", "Events that found the ring full.", AT(lost) },
	{ "tcpt_events_late_total", "Events that a later hook has reported.", AT(late) },
	{ "tcpt_conns_full_total", "Connections for which the map conns had no room.",
	  AT(conns_full) },
	{ "tcpt_pending_full_total", "Times that the map pending had no room for a connect.",
	  AT(pending_full) },
	{ "tcpt_fails_lost_total",
	  "Failed connects that were not reported, because they "
	  "were not remembered.",
	  AT(fails_lost) },
#undef AT
};

static void write_counter(FILE *out, const struct tcpt_stat *stat, const struct counter *counter)
{
	begin(out, counter->name, "counter", counter->help);
	for (unsigned int i = 0; i < stat->cpus; i++)
		fprintf(out, "%s{cpu=\"%u\"} %" PRIu64 "\n", counter->name, stat->of[i].cpu,
			*(const uint64_t *)((const char *)&stat->of[i] + counter->offset));
}

static const struct counter overwritten = {
	"tcpt_events_overwritten_total",
	"Events of a flight recorder that newer ones overwrote before they were read.",
	offsetof(struct tcpt_counts, overwritten),
};

/* Writes what programs have missed, for those for which the kernel counts it. */
static void write_missed(FILE *out, const struct tcpt_stat *stat)
{
	begin(out, "tcpt_program_runs_missed_total", "counter",
	      "Runs of a program that were skipped, because it was "
	      "running on the CPU already.");
	for (unsigned int i = 0; i < stat->programs; i++)
		if (stat->missed[i].has_runs)
			fprintf(out, "tcpt_program_runs_missed_total{program=\"%s\"} %" PRIu64 "\n",
				stat->missed[i].program, stat->missed[i].runs);
	begin(out, "tcpt_program_calls_missed_total", "counter",
	      "Calls of a function at which the kprobe of a program "
	      "did not fire.");
	for (unsigned int i = 0; i < stat->programs; i++)
		if (stat->missed[i].has_calls)
			fprintf(out,
				"tcpt_program_calls_missed_total{program=\"%s\"} %" PRIu64 "\n",
				stat->missed[i].program, stat->missed[i].calls);
}

void stat_prometheus_write(FILE *out, const struct tcpt_stat *stat)
{
	write_gauge(out, "tcpt_up", "1 if a trace is loaded, else 0.", stat != NULL);
	if (!stat)
		return;
	write_trace(out, &stat->trace);
	write_open(out, &stat->trace);
	stat_totals_write_prometheus(out, stat);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		write_counter(out, stat, &counters[i]);
	if (stat->trace.is_recorder)
		write_counter(out, stat, &overwritten);
	write_missed(out, stat);
}
