/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of a trace, and its formats. */
#ifndef TCPT_STAT_H
#define TCPT_STAT_H

#include <stdio.h>

#include "pins/pin.h"
#include "tcpt.h"

struct json;
struct tcpt_offsets;

#define MISSED_MAX 64
#define COMM_MAX 64

struct tcpt_stat {
	struct tcpt_stat_trace trace;
	char pin[PIN_MAX];
	char version[16];
	char keeper_comm[COMM_MAX];
	struct tcpt_stat_tap taps[TCPT_TAPS_MAX];
	char reader_comm[TCPT_TAPS_MAX][COMM_MAX];
	uint32_t ring; /* number of the rings in use */
	struct tcpt_offsets *offsets;
	struct tcpt_counts sum;
	struct tcpt_counts *of; /* a CPU */
	unsigned int cpus;
	struct tcpt_missed missed[MISSED_MAX];
	unsigned int programs;
	struct tcpt_filter *filters;
	size_t filter_count;
};

/* Reads what the rings hold, after the counters. */
int stat_rings_read(struct tcpt_stat *stat);
/* Reads what only the owner of the trace may see, and notes what the caller may not. */
int stat_inside_read(struct tcpt_stat *stat);
/* Writes one screen for people, and all figures below it. */
void stat_text_write(FILE *out, const struct tcpt_stat *stat);
void stat_text_write_all(FILE *out, const struct tcpt_stat *stat);

/* Write events by type and traffic, in each format. */
void stat_totals_write_text(FILE *out, const struct tcpt_stat *stat);
void stat_totals_write_json(struct json *json, const struct tcpt_stat_trace *trace,
			    const struct tcpt_counts *counts);
void stat_totals_write_prometheus(FILE *out, const struct tcpt_stat *stat);

/* Writes the state in the text format of Prometheus. NULL: nothing is loaded. */
void stat_prometheus_write(FILE *out, const struct tcpt_stat *stat);

#endif
