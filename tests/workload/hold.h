/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets that are held until the program is told to let them go. */
#ifndef HOLD_H
#define HOLD_H

#include <stdint.h>

#include "address.h"

struct held {
	int fd;
	int64_t ended; /* ns of CLOCK_MONOTONIC */
	uint64_t cookie;
	struct tuple tuple;
};

/* Its programs have these in common on the command line. */
struct hold_options {
	int count;
	enum family family;
	const char *go_file;
	int pause_us;
};

#define HOLD_OPTIONS                                                                             \
	{ "count", required_argument, NULL, 'n' }, { "families", required_argument, NULL, 'f' }, \
		{ "go-file", required_argument, NULL, 'g' },                                     \
	{                                                                                        \
		"pause", required_argument, NULL, 'p'                                            \
	}

/* Takes one of HOLD_OPTIONS; returns -1 if it is another. */
int hold_option(struct hold_options *options, int option, const char *text);
/* Says `NAME: ready NETNS' on stderr, and waits for the go file, if there is to be one. */
void hold_until_told(const struct hold_options *options, unsigned long long netns);
/* Closes it, notes its cookie and the time, and pauses. */
void held_close(struct held *held, const struct hold_options *options);

#endif
