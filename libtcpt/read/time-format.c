// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The time of an event as text. */
#include <time.h>

#include "base/monotonic.h"
#include "base/put.h"
#include "internal.h"
#include "read/time-format.h"

#define SECOND 1000000000ULL
#define DATE_SIZE 19 /* 2026-11-29T08:00:00 */

/* A second, as far as it is the same in all of its texts. */
struct second {
	bool is_known;
	bool is_local;
	int64_t at;
	char date[24];
	char zone[8]; /* Z, or as in +01:00 */
};

static void put_zone(char *zone, const struct second *second, const struct tm *tm)
{
	long minutes = tm->tm_gmtoff / 60;

	if (!second->is_local)
		strcpy(zone, "Z");
	else
		snprintf(zone, sizeof(second->zone), "%c%02ld:%02ld", minutes < 0 ? '-' : '+',
			 labs(minutes) / 60 % 100, labs(minutes) % 60);
}

/* Many events are of the same second. */
static const struct second *second_of(int64_t at, bool is_local)
{
	static __thread struct second last[2];
	struct second *second = &last[is_local];
	time_t seconds = at;
	struct tm tm = {};

	if (second->is_known && second->at == at)
		return second;
	*second = (struct second){ .is_known = true, .is_local = is_local, .at = at };
	if (is_local)
		localtime_r(&seconds, &tm);
	else
		gmtime_r(&seconds, &tm);
	strftime(second->date, sizeof(second->date), "%Y-%m-%dT%H:%M:%S", &tm);
	put_zone(second->zone, second, &tm);
	return second;
}

static char *put_fraction(char *p, uint64_t ns)
{
	*p = '.';
	return put_micros(p + 1, ns / 1000 % 1000000);
}

char *time_format_rfc3339(char *p, uint64_t ns, bool is_local)
{
	const struct second *second = second_of(ns / SECOND, is_local);

	memcpy(p, second->date, DATE_SIZE);
	return put_text(put_fraction(p + DATE_SIZE, ns), second->zone);
}

char *time_format_seconds(char *p, uint64_t ns)
{
	return put_fraction(put_number(p, ns / SECOND), ns);
}

static char *put_time(char *p, const struct tcpt_event *event, enum tcpt_time clock)
{
	if (clock == TCPT_TIME_MONOTONIC)
		return time_format_seconds(p, event->ts);
	if (!event->time)
		return p;
	if (clock == TCPT_TIME_UNIX)
		return time_format_seconds(p, event->time);
	return time_format_rfc3339(p, event->time, clock == TCPT_TIME_LOCAL);
}

TCPT_API uint64_t tcpt_monotonic_ns(void)
{
	return monotonic_kernel_ns();
}

TCPT_API size_t tcpt_time_format(const struct tcpt_event *event, enum tcpt_time clock, char *buf)
{
	if (!event || !buf || (unsigned int)clock > TCPT_TIME_UNIX)
		return 0;
	return put_time(buf, event, clock) - buf;
}
