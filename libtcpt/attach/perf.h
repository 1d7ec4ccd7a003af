/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Perf events. */
#ifndef TCPT_PERF_H
#define TCPT_PERF_H

struct perf_event_attr;

/* These open a perf event and return its descriptor. */
int perf_open(struct perf_event_attr *attr);
int perf_open_own(struct perf_event_attr *attr); /* of the calling thread alone */
int perf_open_tracepoint(const char *category, const char *event);

#endif
