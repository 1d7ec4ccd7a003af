// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The clock of the events' timestamps. */
#include <time.h>

#include "base/monotonic.h"
#include "internal.h"

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
