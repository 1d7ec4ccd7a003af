// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The formats of the state of a trace, and JSON of them. */
#include <inttypes.h>

#include "base/json.h"
#include "base/text.h"
#include "internal.h"
#include "offsets/offsets-format.h"
#include "read/stat.h"

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
	json_string(json, "store", tcpt_store_name(trace->store));
	json_bool(json, "recorder", trace->is_recorder);
}

static void write_json_counts(struct json *json, const struct tcpt_stat_trace *trace,
			      const struct tcpt_counts *counts)
{
	json_number(json, "events", counts->events);
	json_number(json, "lost", counts->lost);
	json_number(json, "late", counts->late);
	json_number(json, "conns_full", counts->conns_full);
	json_number(json, "pending_full", counts->pending_full);
	json_number(json, "fails_lost", counts->fails_lost);
	if (trace->is_recorder)
		json_number(json, "overwritten", counts->overwritten);
	if (counts->processes_full)
		json_number(json, "processes_full", counts->processes_full);
	stat_totals_write_json(json, trace, counts);
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

static void write_json_taps(struct json *json, const struct tcpt_stat *stat)
{
	json_open(json, "tap_list", '[');
	for (unsigned int i = 0; i < stat->trace.taps; i++) {
		const struct tcpt_stat_tap *tap = &stat->taps[i];

		json_open(json, NULL, '{');
		json_number(json, "tap", tap->tap);
		write_process(json, "reader", tap->reader, tap->reader_comm);
		json_number(json, "ring_bytes", tap->ring_bytes);
		json_number(json, "ring_used_bytes", tap->ring_used);
		json_number(json, "lost", tap->lost);
		if (stat->trace.is_recorder)
			json_number(json, "overwritten", tap->overwritten);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_json_filter(struct json *json, const struct tcpt_filter *filter)
{
	char value[TCPT_FILTER_VALUE_MAX];

	tcpt_filter_format(filter, TCPT_FORMAT_JSON, value);
	json_raw(json, value);
}

static void write_json_inside(struct json *json, const struct tcpt_stat *stat)
{
	size_t i = 0;

	if (stat->trace.has_open) {
		json_number(json, "open", stat->trace.open);
		json_number(json, "open_room", stat->trace.open_room);
	}
	if (!stat->trace.has_filters)
		return;
	json_open(json, "filters", '{');
	for (int key = 0; key < TCPT_FILTER_KEYS; key++) {
		bool has = i < stat->filter_count && (int)stat->filters[i].key == key;

		if (!has && key > TCPT_FILTER_TYPE && key < TCPT_FILTER_WATCH)
			continue; /* what is not hidden by its values is not mentioned */
		json_open(json, tcpt_filter_key_name(key), '[');
		for (; i < stat->filter_count && (int)stat->filters[i].key == key; i++)
			write_json_filter(json, &stat->filters[i]);
		json_close(json, ']');
	}
	json_close(json, '}');
}

static void write_json(FILE *out, const struct tcpt_stat *stat)
{
	struct json json;

	json_begin(&json, NULL, out);
	write_json_trace(&json, &stat->trace);
	json_open(&json, "sum", '{');
	write_json_counts(&json, &stat->trace, &stat->sum);
	json_open(&json, "cpus", '[');
	for (unsigned int i = 0; i < stat->cpus; i++) {
		json_open(&json, NULL, '{');
		json_number(&json, "cpu", stat->of[i].cpu);
		write_json_counts(&json, &stat->trace, &stat->of[i]);
	}
	json_close(&json, ']');
	json_open(&json, "missed", '[');
	for (unsigned int i = 0; i < stat->programs; i++)
		write_json_missed(&json, &stat->missed[i]);
	json_close(&json, ']');
	write_json_taps(&json, stat);
	write_json_inside(&json, stat);
	json_open(&json, "document", '{');
	offsets_format_json(&json, stat->offsets);
	json_close(&json, '}');
	json_end(&json);
}

/* ---- either ---- */

TCPT_API char *tcpt_stat_format(const struct tcpt_stat *stat, enum tcpt_stat_format format)
{
	static void (*const writers[])(FILE * out, const struct tcpt_stat *stat) = {
		[TCPT_STAT_TEXT] = stat_text_write,
		[TCPT_STAT_JSON] = write_json,
		[TCPT_STAT_PROMETHEUS] = stat_prometheus_write,
		[TCPT_STAT_ALL] = stat_text_write_all,
	};
	bool is_known = (stat || format == TCPT_STAT_PROMETHEUS) &&
			(unsigned int)format < ARRAY_SIZE(writers);
	struct text text;

	if (!is_known)
		errno = EINVAL;
	if (!is_known || text_open(&text))
		return NULL;
	writers[format](text.out, stat);
	return text_close(&text);
}
