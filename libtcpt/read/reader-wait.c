// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Waiting for events. While they come, no program of a trace wakes a reader: an interrupt
 * in the middle of a program would make the kernel skip others. So this looks at the ring,
 * which is memory, at a pace that follows the load. When nothing has come for some time, it
 * sleeps, and the next event wakes it, if its ring is one that can.
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

/* A ring that is not acknowledged as a whole would wake the reader at once. */
static bool may_sleep(const struct tcpt_reader *reader, uint64_t now)
{
	return now - reader->found_ns >= READER_IDLE && store_fd(reader->ring) >= 0 &&
	       store_is_drained(reader->ring);
}

/* Sleeps until an event comes, or the time is over. Returns 1 if one has come. */
static int sleep_until_woken(struct tcpt_reader *reader, uint64_t ns, const sigset_t *signals)
{
	const struct timespec time = { .tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS };
	struct pollfd ring = { .fd = store_fd(reader->ring), .events = POLLIN };
	int woken = 1;

	if (!progress_set_asleep(&reader->progress, true))
		return sleep_for(ns < READER_PACE_MOST ? ns : READER_PACE_MOST, signals);
	if (store_is_drained(reader->ring)) /* nothing has come before that was said */
		woken = ppoll(&ring, 1, &time, signals);
	if (woken < 0)
		woken = -errno;
	progress_set_asleep(&reader->progress, false);
	return woken;
}

/* Waits until it is time to look again. */
static int rest(struct tcpt_reader *reader, uint64_t most_ns, const sigset_t *signals)
{
	uint64_t pace = reader->pace_ns < most_ns ? reader->pace_ns : most_ns;
	int woken;

	if (!may_sleep(reader, monotonic_ns()))
		return sleep_for(pace, signals);
	woken = sleep_until_woken(reader, most_ns < READER_SLEEP_MOST ? most_ns : READER_SLEEP_MOST,
				  signals);
	if (woken > 0) {
		reader->pace_ns = READER_PACE_LEAST;
		reader->found_ns = monotonic_ns(); /* a record that is being written is one too */
	}
	return woken < 0 ? woken : 0;
}

TCPT_API int tcpt_reader_wait(struct tcpt_reader *reader, int timeout_ms, const sigset_t *signals)
{
	uint64_t start = monotonic_ns(), waited = 0;
	uint64_t limit = timeout_ms < 0 ? UINT64_MAX : timeout_ms * MILLISECOND_NS;
	int found = reader ? reader_has_next(reader) : -EINVAL;

	if (reader)
		set_pace(reader);
	if (reader && (found || !reader->found_ns))
		reader->found_ns = start;
	while (!found && waited < limit) {
		found = rest(reader, limit - waited, signals);
		if (!found)
			found = reader_has_next(reader);
		waited = monotonic_ns() - start;
	}
	if (reader && found > 0)
		reader->found_ns = start + waited;
	return found;
}
