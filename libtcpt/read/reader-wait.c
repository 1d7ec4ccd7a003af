// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Waiting for events. The programs of a trace never wake a reader: an interrupt in the
 * middle of a program would make the kernel skip others. So this looks at the ring, which
 * is memory, at a pace that follows the load.
 */
#include <poll.h>
#include <time.h>

#include "base/monotonic.h"
#include "internal.h"
#include "maps/store.h"
#include "read/reader.h"

#define SECOND_NS 1000000000ULL
#define MILLISECOND_NS 1000000ULL

/* It looks twice as often while more than an eighth of the ring fills up between two looks. */
uint64_t reader_wait_pace(uint64_t pace_ns, size_t taken, size_t size)
{
	if (taken > size / 8)
		return pace_ns / 2 > READER_PACE_LEAST ? pace_ns / 2 : READER_PACE_LEAST;
	return pace_ns && pace_ns * 2 < READER_PACE_MOST ? pace_ns * 2 : READER_PACE_MOST;
}

static void set_pace(struct tcpt_reader *reader)
{
	unsigned long acked = store_acked(reader->ring);

	reader->pace_ns = reader_wait_pace(reader->pace_ns, acked - reader->waited_at,
					   store_room(reader->ring));
	reader->waited_at = acked;
}

/* Returns 0, or -EINTR if a signal came. */
static int sleep_for(uint64_t ns, const sigset_t *signals)
{
	const struct timespec time = { .tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS };

	return ppoll(NULL, 0, &time, signals) < 0 ? -errno : 0;
}

TCPT_API int tcpt_reader_wait(struct tcpt_reader *reader, int timeout_ms, const sigset_t *signals)
{
	uint64_t start = monotonic_ns(), waited = 0, left;
	uint64_t limit = timeout_ms < 0 ? UINT64_MAX : timeout_ms * MILLISECOND_NS;
	int found = reader ? reader_has_next(reader) : -EINVAL;

	if (reader)
		set_pace(reader);
	while (!found && waited < limit) {
		left = limit - waited;
		found = sleep_for(left < reader->pace_ns ? left : reader->pace_ns, signals);
		if (!found)
			found = reader_has_next(reader);
		waited = monotonic_ns() - start;
	}
	return found;
}
