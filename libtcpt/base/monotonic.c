// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The clock of the events' timestamps. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/monotonic.h"
#include "internal.h"

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t monotonic_offset_parse(const char *text)
{
	const char *line = strstr(text, "monotonic");
	int64_t seconds, nanoseconds;

	if (!line || sscanf(line, "monotonic %" SCNd64 " %" SCNd64, &seconds, &nanoseconds) != 2)
		return 0;
	return seconds * 1000000000 + nanoseconds;
}

/* Kernels without time namespaces have no such file. */
int64_t monotonic_namespace_ns(void)
{
	char text[256];

	file_read_path("/proc/self/timens_offsets", text, sizeof(text));
	return monotonic_offset_parse(text);
}

uint64_t monotonic_kernel_ns(void)
{
	return monotonic_ns() - (uint64_t)monotonic_namespace_ns();
}
