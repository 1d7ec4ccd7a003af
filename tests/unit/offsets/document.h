/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A valid offsets document, and changes to it. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "offsets/offsets.h"
#include "tcpt.h"

#define LINES 32

extern const char *const valid[LINES];

/* The messages of the last read. */
struct messages {
	unsigned int count;
	enum tcpt_log_level level;
	char last[512];
};

extern struct messages messages;
extern const struct tcpt_log message_log;

/*
 * Writes the valid document with line number line (from 1) replaced, or left out if
 * with is NULL.
 */
size_t document(char *text, unsigned int line, const char *with);
int read_bytes(struct tcpt_offsets **out, const void *data, size_t size);

/* Checks that it is refused with this message (any if NULL) and no other. */
void refused(const void *data, size_t size, int err, const char *message);
void refused_with(unsigned int line, const char *with, const char *message);
struct tcpt_offsets *accepted(const void *data, size_t size);
void accepted_with(unsigned int line, const char *with);

#endif
