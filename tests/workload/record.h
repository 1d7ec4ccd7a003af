/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record says what a workload has done. It is a table that all of its processes add to. */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <sys/types.h>

#include "address.h"

enum event {
	EVENT_CONNECT,
	EVENT_ACCEPT,
	EVENT_CLOSE,
	EVENT_FAIL
};

struct record {
	enum event event;
	pid_t pid; /* 0: not known */
	unsigned long long netns; /* 0: the kernel has none */
	char comm[16];
	struct tuple tuple;
};

/* Makes room for so many records, with so many bytes of further columns each. */
void records_open(long capacity, size_t more);
void records_close(void);
/* Adds one; format makes its further columns, a tab before each; NULL: none. */
void record_add(const struct record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Writes HEAD and a line for each record, TYPE PID COMM SADDR SPORT DADDR DPORT NETNS
 * and the further columns, to a file; NULL: stdout. Returns -1 and errno on failure.
 */
int records_print(const char *path, const char *head);

#endif
