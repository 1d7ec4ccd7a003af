// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The times of events, and how they are written. */
#include <stdlib.h>
#include <time.h>

#include "../test.h"
#include "guess/realtime-address.h"
#include "internal.h"
#include "read/times.h"
#include "tcpt_abi.h"

#define SECOND 1000000000LL

/* A trace loaded at 1000 s; the clock was set forward by an hour at 2000 s. */
static const struct times stepped = {
	.loaded_offset = 5000 * SECOND,
	.offset = 8600 * SECOND,
	.since = 2000 * SECOND,
};

static uint64_t of(const struct times *times, uint64_t ts, uint64_t time, unsigned char flags)
{
	struct tcpt_abi_event record = { .ts = ts, .time = time, .flags = flags };

	return times_of(times, &record);
}

static void realtime_is_as_noted(void)
{
	CHECK_INT(of(&stepped, 1500 * SECOND, 6500 * SECOND + 7, 0), 6500 * SECOND + 7);
	CHECK_INT(of(&stepped, 2500 * SECOND, 11100 * SECOND, 0), 11100 * SECOND);
}

static void tai_is_as_noted(void)
{
	struct times times = stepped;

	times.loaded_tai = times.tai = 37 * SECOND;
	CHECK_INT(of(&times, 1500 * SECOND, 6537 * SECOND, TCPT_ABI_TAI), 6500 * SECOND);
	/* an offset that was there between the load and now only */
	CHECK_INT(of(&times, 1600 * SECOND, 7037 * SECOND, TCPT_ABI_TAI), 7000 * SECOND);
	CHECK_INT(of(&times, 2500 * SECOND, 11137 * SECOND, TCPT_ABI_TAI), 11100 * SECOND);
}

/* ntpd has told the kernel of the difference after the load. */
static void tai_changes(void)
{
	struct times times = stepped;

	times.tai = 37 * SECOND;
	CHECK_INT(of(&times, 1500 * SECOND, 6500 * SECOND, TCPT_ABI_TAI), 6500 * SECOND);
	CHECK_INT(of(&times, 1500 * SECOND, 6537 * SECOND, TCPT_ABI_TAI), 6500 * SECOND);
	CHECK_INT(of(&times, 2500 * SECOND, 11137 * SECOND, TCPT_ABI_TAI), 11100 * SECOND);
	CHECK_INT(of(&times, 2500 * SECOND, 11100 * SECOND, TCPT_ABI_TAI), 11100 * SECOND);
}

/* Not noted, it is known where only one clock comes into question. */
static void time_is_not_noted(void)
{
	struct times times = stepped;

	CHECK_INT(of(&times, 2500 * SECOND, 0, TCPT_ABI_TAI), 11100 * SECOND);
	CHECK_INT(of(&times, 1500 * SECOND, 0, 0), 0);
	times.loaded_offset = times.offset + 1000;
	CHECK_INT(of(&times, 1500 * SECOND, 0, 0), 10100 * SECOND);
}

static void looks_at_the_clocks(void)
{
	struct tcpt_abi_meta meta = {};
	struct times times = {};
	struct tcpt_event event = {};
	uint64_t since, now = (uint64_t)time(NULL) * SECOND;

	times_begin(&times, &meta);
	since = times.since;
	CHECK(since);
	times_set_now(&times, &event);
	CHECK(event.time + SECOND > now && event.time < now + 10 * SECOND);
	CHECK_INT(times.since, since);
	times.offset -= SECOND; /* somebody has set the clock */
	times_look(&times);
	CHECK(times.since >= since && times.since != since);
}

/* ---- text ---- */

static const char *text(uint64_t time, enum tcpt_time clock)
{
	static char buf[TCPT_WHEN_MAX + 1];
	struct tcpt_event event = { .ts = 3059282041999, .time = time };

	buf[tcpt_time_format(&event, clock, buf)] = '\0';
	return buf;
}

static void formats(void)
{
	CHECK_STR(text(0, TCPT_TIME_MONOTONIC), "3059.282041");
	CHECK_STR(text(0, TCPT_TIME_UTC), "");
	CHECK_STR(text(1795944523256413999, TCPT_TIME_UNIX), "1795944523.256413");
	CHECK_STR(text(1795944523256413999, TCPT_TIME_UTC), "2026-11-29T09:28:43.256413Z");
	CHECK_STR(text(1795944523000000999, TCPT_TIME_UTC), "2026-11-29T09:28:43.000000Z");
	CHECK_STR(text(951782400000001000, TCPT_TIME_UTC), "2000-02-29T00:00:00.000001Z");
	CHECK_STR(text(UINT64_MAX, TCPT_TIME_UTC), "2554-07-21T23:34:33.709551Z");
	CHECK_STR(text(1, (enum tcpt_time)9), "");
}

static void zones(void)
{
	static const struct {
		const char *zone, *summer, *winter;
	} cases[] = {
		{ "UTC0", "2026-07-01T00:00:00.000005+00:00", "2026-12-31T23:59:59.000005+00:00" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T02:00:00.000005+02:00",
		  "2027-01-01T00:59:59.000005+01:00" },
		{ "NST3:30NDT,M3.2.0,M11.1.0", "2026-06-30T21:30:00.000005-02:30",
		  "2026-12-31T20:29:59.000005-03:30" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		setenv("TZ", cases[i].zone, 1);
		tzset();
		CHECK_STR(text(1782864000000005000, TCPT_TIME_LOCAL), cases[i].summer);
		CHECK_STR(text(1798761599000005000, TCPT_TIME_LOCAL), cases[i].winter);
	}
}

/* ---- the kernel's memory ---- */

static void difference_in_memory(void)
{
	int64_t words[16] = {
		4, 9, 5000 * SECOND + 100, -1, 0, 5000 * SECOND + 20, 300, 5037 * SECOND + 20
	};
	size_t count = ARRAY_SIZE(words);

	CHECK_INT(realtime_address_search(words, count, 5000 * SECOND, 37 * SECOND), 5);
	CHECK_INT(realtime_address_search(words, count, 5000 * SECOND, 36 * SECOND), -ENOENT);
	CHECK_INT(realtime_address_search(words, count, 5001 * SECOND, 37 * SECOND), -ENOENT);
	CHECK_INT(realtime_address_search(words, 7, 5000 * SECOND, 37 * SECOND), -ENOENT);
	words[7] = words[5];
	CHECK_INT(realtime_address_search(words, count, 5000 * SECOND, 0), 5);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(realtime_is_as_noted),
		TEST(tai_is_as_noted),
		TEST(tai_changes),
		TEST(time_is_not_noted),
		TEST(looks_at_the_clocks),
		TEST(formats),
		TEST(zones),
		TEST(difference_in_memory),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
