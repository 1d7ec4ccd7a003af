/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The formats of events. */
#ifndef TCPT_FORMAT_H
#define TCPT_FORMAT_H

struct tcpt_event;

/*
 * These write one line with its newline to p, or nothing if the format has no line for the
 * event, and return where to go on.
 */
char *format_json(char *p, const struct tcpt_event *event);
char *format_tsv(char *p, const struct tcpt_event *event);
char *format_text(char *p, const struct tcpt_event *event);
char *format_text_heading(char *p);
char *format_tcptracer(char *p, const struct tcpt_event *event);

#endif
