/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the formats share. */
#ifndef TCPT_FORMAT_H
#define TCPT_FORMAT_H

struct tcpt_event;

/* One line of the event, with its newline; nothing where the format has none. */
char *format_json(char *p, const struct tcpt_event *event);
char *format_tsv(char *p, const struct tcpt_event *event);
char *format_text(char *p, const struct tcpt_event *event);
char *format_text_heading(char *p);
char *format_tcptracer(char *p, const struct tcpt_event *event);

#endif
