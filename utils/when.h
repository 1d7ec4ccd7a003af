/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The times of events, as tcpt-watch --time shows them. */
#ifndef WHEN_H
#define WHEN_H

#include <stdbool.h>

#include "tcpt.h"

enum when_clock {
	WHEN_LOCAL,
	WHEN_UTC,
	WHEN_UNIX,
	WHEN_MONOTONIC,
	WHEN_DELTA, /* since the line before */
	WHEN_AS_USUAL, /* local in text, nanoseconds since the boot in tsv */
};

struct when {
	enum when_clock clock;
	bool is_short; /* without the date and the zone, which the day's own line has */
	uint64_t before; /* ts of the line before; 0: there is none */
	char day[11]; /* of the line before, as in 2026-11-29 */
	char text[TCPT_WHEN_MAX + 1];
};

/* Begins with today: if times are short, the first line of another day says which. */
void when_begin(struct when *when, enum when_clock clock, bool is_short);
/*
 * Notes the time of an event that is printed, in when->text. Returns true if its day
 * has to be printed first: it is in when->day then.
 */
bool when_note(struct when *when, const struct tcpt_event *event);
/* Returns the number of columns that a time takes. */
unsigned int when_width(const struct when *when);

#endif
