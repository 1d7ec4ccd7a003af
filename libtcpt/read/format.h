/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the formats share. */
#ifndef TCPT_FORMAT_H
#define TCPT_FORMAT_H

#include "internal.h"

/*
 * Every put_*() writes to p, without a NUL, and returns where to go on. A line
 * is bounded by TCPT_LINE_MAX by what it holds.
 */
char *put_text(char *p, const char *text);
char *put_number(char *p, uint64_t number);
char *put_address(char *p, int family, const uint8_t *address);
char *put_errno(char *p, int error); /* ECONNREFUSED; a number where it has no name */

/* One line of the event, with its newline; nothing where the format has none. */
char *format_json(char *p, const struct tcpt_event *event);
char *format_tsv(char *p, const struct tcpt_event *event);
char *format_text(char *p, const struct tcpt_event *event);
char *format_text_heading(char *p);
char *format_tcptracer(char *p, const struct tcpt_event *event);

#endif
