// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A process in /proc, which has to be that of the initial pid namespace. */
#include "base/process.h"

#include <inttypes.h>
#include <time.h>

#include "base/files.h"
#include "base/monotonic.h"
#include "internal.h"

/* Returns CLOCK_MONOTONIC at this time of CLOCK_BOOTTIME, if the machine has not slept since. */
static uint64_t monotonic_of(uint64_t boottime)
{
	struct timespec now;
	uint64_t slept;

	clock_gettime(CLOCK_BOOTTIME, &now);
	slept = now.tv_sec * 1000000000ULL + now.tv_nsec - monotonic_ns();
	return boottime > slept ? boottime - slept : 1;
}

/* The command's name, in parentheses, may have any bytes. The start is the 22nd word. */
static bool parse_stat(char *stat, struct process *process)
{
	char *name = strchr(stat, '('), *end = strrchr(stat, ')');
	unsigned long long ticks;

	if (!name || !end || end - name > (ptrdiff_t)sizeof(process->comm) ||
	    sscanf(end + 1,
		   " %*c %" SCNu32 " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %llu",
		   &process->ppid, &ticks) != 2)
		return false;
	memcpy(process->comm, name + 1, end - name - 1);
	process->started = monotonic_of(ticks * (1000000000ULL / sysconf(_SC_CLK_TCK)));
	return true;
}

static void cut_deleted(char *path)
{
	static const char deleted[] = " (deleted)";
	size_t size = strlen(path), end = sizeof(deleted) - 1;

	if (size > end && !strcmp(path + size - end, deleted))
		path[size - end] = '\0';
}

bool process_read(uint32_t pid, struct process *process)
{
	char path[64], stat[1024];
	ssize_t n;

	memset(process, 0, sizeof(*process));
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	if (file_read_path(path, stat, sizeof(stat)) <= 0 || !parse_stat(stat, process))
		return false;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	n = readlink(path, process->exe, sizeof(process->exe) - 1);
	process->exe[n < 0 ? 0 : n] = '\0';
	cut_deleted(process->exe);
	return true;
}
