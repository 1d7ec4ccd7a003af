/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses the text of filters for tests. */
#ifndef TCPT_TEST_FILTER_TEXT_H
#define TCPT_TEST_FILTER_TEXT_H

#include "tcpt.h"

#define PARSED_MAX 8

extern struct tcpt_filter parsed[PARSED_MAX]; /* by the last parse() */
extern char message[512]; /* that the last parse() has logged, or empty */
extern const struct tcpt_log recorder; /* logs to message */

/* Returns what tcpt_filter_parse() does. */
int parse(const char *text);

#endif
