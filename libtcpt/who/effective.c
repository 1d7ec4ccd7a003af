// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The effective users of threads, from /proc, which is that of the initial pid namespace. */
#include "who/effective.h"

#include <inttypes.h>
#include <time.h>

#include "base/files.h"
#include "base/monotonic.h"
#include "internal.h"

#define LASTS_NS 100000000ULL /* a thread may take another user at any time */
#define TICK_NS (1000000000ULL / (unsigned long)sysconf(_SC_CLK_TCK))

static bool read_file(uint32_t tid, const char *name, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", tid, name);
	return file_read_path(path, buf, size) > 0;
}

/* The start is the 22nd word. The command's name, in parentheses, may have any bytes. */
static bool read_start(uint32_t tid, uint64_t *started)
{
	char stat[1024], *p;
	unsigned long long ticks;

	if (!read_file(tid, "stat", stat, sizeof(stat)) || !(p = strrchr(stat, ')')))
		return false;
	if (sscanf(p + 1,
		   " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%llu",
		   &ticks) != 1)
		return false;
	*started = ticks * TICK_NS;
	return true;
}

static bool read_users(uint32_t tid, uint32_t *uid, uint32_t *euid)
{
	char status[4096], *line;

	if (!read_file(tid, "status", status, sizeof(status)))
		return false;
	line = strstr(status, "\nUid:");
	return line && sscanf(line, "\nUid: %" SCNu32 " %" SCNu32, uid, euid) == 2;
}

static const struct effective_user *look_up(struct effective *effective, uint32_t tid)
{
	struct effective_user *user = &effective->known[tid % EFFECTIVE_MAX];
	uint64_t now = monotonic_ns();

	if (user->looked && user->tid == tid && now - user->looked < LASTS_NS)
		return user;
	*user = (struct effective_user){ .looked = now, .tid = tid };
	user->is_known = read_start(tid, &user->started) &&
			 read_users(tid, &user->uid, &user->euid);
	return user;
}

/* Returns CLOCK_BOOTTIME at a time of CLOCK_MONOTONIC, if the machine has not slept since. */
static uint64_t boottime_of(uint64_t ts)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return ts + (boot.tv_sec * 1000000000ULL + boot.tv_nsec - monotonic_ns());
}

bool effective_user_of(struct effective *effective, const struct tcpt_event *event, uint32_t *euid)
{
	const struct effective_user *user = look_up(effective, event->tid);

	if (!user->is_known || user->uid != event->uid || user->euid == event->uid ||
	    user->started > boottime_of(event->ts))
		return false;
	*euid = user->euid;
	return true;
}
