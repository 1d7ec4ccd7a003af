// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The clock that people read. */
#include "base/realtime.h"

#include <time.h>

#include "internal.h"

#define SECOND 1000000000LL
#define TOLERANCE_NS 1000000

static int64_t now(clockid_t clock)
{
	struct timespec now;

	return clock_gettime(clock, &now) ? 0 : now.tv_sec * SECOND + now.tv_nsec;
}

/*
 * Reads the one clock between two looks at the other. Of some tries it takes the one in
 * which the least time has passed.
 */
int64_t realtime_offset(void)
{
	int64_t offset = 0, least = INT64_MAX;

	for (int tries = 0; tries < 3; tries++) {
		int64_t before = now(CLOCK_MONOTONIC), real = now(CLOCK_REALTIME);
		int64_t took = now(CLOCK_MONOTONIC) - before;

		if (took < least) {
			least = took;
			offset = real - before - took / 2;
		}
	}
	return offset;
}

bool realtime_is_near(int64_t a, int64_t b)
{
	return a - b < TOLERANCE_NS && b - a < TOLERANCE_NS;
}

int64_t realtime_tai(void)
{
	int64_t real = now(CLOCK_REALTIME), difference = now(CLOCK_TAI) - real;

	return (difference + (difference < 0 ? -SECOND / 2 : SECOND / 2)) / SECOND * SECOND;
}
