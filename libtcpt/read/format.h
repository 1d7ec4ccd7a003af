/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The formats of events. */
#ifndef TCPT_FORMAT_H
#define TCPT_FORMAT_H

struct json;
struct tcpt_event;

/*
 * These write one line with its newline to p, or nothing if the format has no line for the
 * event, and return where to go on. when stands for the event's time; NULL: the monotonic one.
 */
char *format_json(char *p, const struct tcpt_event *event);
char *format_tsv(char *p, const struct tcpt_event *event, const char *when);
char *format_text(char *p, const struct tcpt_event *event, const char *when);
char *format_tcptracer(char *p, const struct tcpt_event *event);
/* Writes both times of the event as members. */
void format_json_times(struct json *json, const struct tcpt_event *event);
/* Writes the task of the event, if it is known, as members. */
void format_json_task(struct json *json, const struct tcpt_event *event);
/* Writes the heading of lines whose times have this width. */
char *format_text_heading(char *p, unsigned int width);

#endif
