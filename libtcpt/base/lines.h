/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lines of a document that is read strictly: what is wrong is said with its place. */
#ifndef TCPT_LINES_H
#define TCPT_LINES_H

#include <stddef.h>

struct tcpt_log;

struct lines {
	const char *name; /* of the document, for messages */
	const struct tcpt_log *log;
	const char *first; /* what its first line has to be */
	unsigned int number; /* of the line that is being read */
};

#define lines_refuse(lines, fmt, ...)                                                   \
	log_error((lines)->log, -EINVAL, "%s:%u: " fmt, (lines)->name, (lines)->number, \
		  ##__VA_ARGS__)

/* Passes each line that is neither empty nor a comment to read, until that fails. */
int lines_read(struct lines *lines, char *text, size_t size, int (*read)(void *arg, char *line),
	       void *arg);

#endif
