// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Events by type, and the traffic of the connections whose close was an event, in each
 * format. A figure that the trace does not know is left out.
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "read/stat.h"

static const struct total {
	enum tcpt_event_type type;
	size_t offset; /* in struct tcpt_counts */
} types[] = {
#define AT(member) offsetof(struct tcpt_counts, member)
	{ TCPT_EVENT_CONNECT, AT(connects) },	  { TCPT_EVENT_ACCEPT, AT(accepts) },
	{ TCPT_EVENT_CLOSE, AT(closes) },	  { TCPT_EVENT_FAIL, AT(fails) },
	{ TCPT_EVENT_FDINSTALL, AT(fdinstalls) }, { TCPT_EVENT_EXISTING, AT(existing) },
};

static const struct traffic {
	const char *key; /* in JSON */
	const char *word; /* in the text */
	char *(*put)(char *p, uint64_t number);
	size_t offset; /* in struct tcpt_counts */
	size_t known; /* in struct tcpt_stat_trace */
} traffic[] = {
#define KNOWN(member) offsetof(struct tcpt_stat_trace, has_##member)
	{ "bytes_sent", "sent", put_size, AT(bytes_sent), KNOWN(bytes_sent) },
	{ "bytes_received", "received", put_size, AT(bytes_received), KNOWN(bytes_received) },
	{ "retransmits", "retransmits", put_number, AT(retransmits), KNOWN(retransmits) },
};

static uint64_t count_at(const struct tcpt_counts *counts, size_t offset)
{
	return *(const uint64_t *)((const char *)counts + offset);
}

static bool is_known(const struct tcpt_stat_trace *trace, const struct traffic *of)
{
	return *(const bool *)((const char *)trace + of->known);
}

/* ---- text ---- */

#define WIDTH 80

/* Writes a line, and a second one with the same label if all types together are too long. */
static void write_types(FILE *out, const struct tcpt_counts *sum)
{
	int used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		uint64_t count = count_at(sum, types[i].offset);
		char item[48];
		int size = snprintf(item, sizeof(item), "%" PRIu64 " %s", count,
				    tcpt_event_type_name(types[i].type));

		if (!count)
			continue;
		if (used && used + 2 + size <= WIDTH)
			used += fprintf(out, ", %s", item);
		else
			used = fprintf(out, "%stypes    %s", used ? "\n" : "", item) - (used > 0);
	}
	if (used)
		fputc('\n', out);
}

static void write_traffic(FILE *out, const struct tcpt_stat *stat)
{
	bool follows = false;

	for (size_t i = 0; i < ARRAY_SIZE(traffic); i++) {
		char text[32];

		if (!is_known(&stat->trace, &traffic[i]))
			continue;
		*traffic[i].put(text, count_at(&stat->sum, traffic[i].offset)) = '\0';
		fprintf(out, "%s%s %s", follows ? ", " : "traffic  ", text, traffic[i].word);
		follows = true;
	}
	if (follows)
		fputs(" of closed connections\n", out);
}

void stat_totals_write_text(FILE *out, const struct tcpt_stat *stat)
{
	write_types(out, &stat->sum);
	write_traffic(out, stat);
}

/* ---- JSON ---- */

void stat_totals_write_json(struct json *json, const struct tcpt_stat_trace *trace,
			    const struct tcpt_counts *counts)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		json_number(json, tcpt_event_type_name(types[i].type),
			    count_at(counts, types[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(traffic); i++)
		if (is_known(trace, &traffic[i]))
			json_number(json, traffic[i].key, count_at(counts, traffic[i].offset));
}

/* ---- Prometheus ---- */

static void begin(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static void write_samples(FILE *out, const struct tcpt_stat *stat, const char *name,
			  const struct traffic *of, const char *direction)
{
	if (!is_known(&stat->trace, of))
		return;
	for (unsigned int i = 0; i < stat->cpus; i++)
		fprintf(out, "%s{cpu=\"%u\",network_transport=\"tcp\"%s} %" PRIu64 "\n", name,
			stat->of[i].cpu, direction, count_at(&stat->of[i], of->offset));
}

/* What carries the traffic is called as in OpenTelemetry (system.network.io). */
void stat_totals_write_prometheus(FILE *out, const struct tcpt_stat *stat)
{
	begin(out, "tcpt_events_total", "Events that were given a number, lost ones included.");
	for (unsigned int i = 0; i < stat->cpus; i++)
		for (size_t t = 0; t < ARRAY_SIZE(types); t++)
			fprintf(out, "tcpt_events_total{cpu=\"%u\",type=\"%s\"} %" PRIu64 "\n",
				stat->of[i].cpu, tcpt_event_type_name(types[t].type),
				count_at(&stat->of[i], types[t].offset));
	begin(out, "tcpt_network_io_bytes_total", "Payload of connections that have ended.");
	write_samples(out, stat, "tcpt_network_io_bytes_total", &traffic[0],
		      ",network_io_direction=\"transmit\"");
	write_samples(out, stat, "tcpt_network_io_bytes_total", &traffic[1],
		      ",network_io_direction=\"receive\"");
	begin(out, "tcpt_network_retransmits_total",
	      "Segments that were retransmitted by connections that have ended.");
	write_samples(out, stat, "tcpt_network_retransmits_total", &traffic[2], "");
}
