// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_SIZE 10 /* 2026-11-29 */
#define TIME_SIZE 15 /* 08:00:00.000001 */

static bool has_day(const struct when *when)
{
	return when->clock == WHEN_LOCAL || when->clock == WHEN_UTC;
}

static enum tcpt_time clock_of(const struct when *when)
{
	static const enum tcpt_time clocks[] = {
		[WHEN_LOCAL] = TCPT_TIME_LOCAL,
		[WHEN_UTC] = TCPT_TIME_UTC,
		[WHEN_UNIX] = TCPT_TIME_UNIX,
	};

	return when->clock < sizeof(clocks) / sizeof(*clocks) ? clocks[when->clock] :
								TCPT_TIME_MONOTONIC;
}

static void set_text(struct when *when, const struct tcpt_event *event)
{
	when->text[tcpt_time_format(event, clock_of(when), when->text)] = '\0';
}

void when_begin(struct when *when, enum when_clock clock, bool is_short)
{
	struct tcpt_event today = { .time = (uint64_t)time(NULL) * 1000000000 };

	*when = (struct when){ .clock = clock, .is_short = is_short };
	if (!has_day(when))
		return;
	set_text(when, &today);
	memcpy(when->day, when->text, DAY_SIZE);
}

/*
 * Sets the time since the line before. Programs on several processors interrupt each
 * other, so a line may be older than the one before.
 */
static void set_delta(struct when *when, const struct tcpt_event *event)
{
	int64_t ns = when->before ? event->ts - when->before : 0;
	uint64_t micros = (ns < 0 ? -ns : ns) / 1000;

	sprintf(when->text, "%s%" PRIu64 ".%06" PRIu64, ns < 0 ? "-" : "", micros / 1000000,
		micros % 1000000);
	when->before = event->ts;
}

/* Leaves only the time of the day. Returns true if the day is another one. */
static bool shorten(struct when *when)
{
	bool is_new = memcmp(when->day, when->text, DAY_SIZE);

	memcpy(when->day, when->text, DAY_SIZE);
	memmove(when->text, when->text + DAY_SIZE + 1, TIME_SIZE);
	when->text[TIME_SIZE] = '\0';
	return is_new;
}

bool when_note(struct when *when, const struct tcpt_event *event)
{
	if (when->clock == WHEN_DELTA) {
		set_delta(when, event);
		return false;
	}
	set_text(when, event);
	return when->is_short && has_day(when) && *when->text && shorten(when);
}

unsigned int when_width(const struct when *when)
{
	switch (when->clock) {
	case WHEN_LOCAL:
		return when->is_short ? TIME_SIZE : DAY_SIZE + 1 + TIME_SIZE + 6;
	case WHEN_UTC:
		return when->is_short ? TIME_SIZE : DAY_SIZE + 1 + TIME_SIZE + 1;
	case WHEN_UNIX:
		return 17;
	default:
		return 15;
	}
}
