/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line of a summary: its key, which is its first five columns, and its figures. */
#ifndef SUMMARY_LINE_H
#define SUMMARY_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "tcpt.h"

struct summary_line {
	char exe[256]; /* the file; [COMM] if it is not known */
	char role[8]; /* client or server; - if it is not known */
	char address[64]; /* the remote end's */
	unsigned int port; /* of the server's end, which is no other at the next run */
	char outcome[24]; /* open, ok, reset, timeout, or the name of an error */
	uint64_t count;
	uint64_t sent, received; /* bytes; at first those of one connection */
};

/* Makes the line of a connection that is open. */
void summary_line_set(struct summary_line *line, const struct tcpt_event *event);
/* Makes it the line of one that has ended, or failed. */
void summary_line_end(struct summary_line *line, const struct tcpt_event *event);
/* Compares by the five columns, in their order. */
int summary_line_compare(const struct summary_line *a, const struct summary_line *b);

/* Writes exe as one word, or as a member of an object. */
#define SUMMARY_EXE_MAX 1600
void summary_line_write_exe(const struct summary_line *line, bool is_json,
			    char exe[SUMMARY_EXE_MAX]);

/* The five columns, with tabs between. */
#define SUMMARY_KEY_MAX (SUMMARY_EXE_MAX + 128)
void summary_line_key(const struct summary_line *line, char key[SUMMARY_KEY_MAX]);

#endif
