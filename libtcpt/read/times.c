// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The times of events by the clock that people read.
 *
 * The programs note CLOCK_REALTIME, or CLOCK_TAI, which differs from it by whole seconds.
 * This difference is in no record. It is nearly always 0, and a program such as ntpd
 * changes it once after the boot.
 */
#include "read/times.h"

#include "base/monotonic.h"
#include "base/realtime.h"
#include "internal.h"
#include "tcpt_abi.h"

static uint64_t now(const struct times *times)
{
	return monotonic_ns() - (uint64_t)times->namespace_ns;
}

void times_look(struct times *times)
{
	int64_t offset = realtime_offset() + times->namespace_ns;

	times->tai = realtime_tai();
	if (realtime_is_near(offset, times->offset))
		return;
	times->offset = offset;
	times->since = now(times);
}

void times_begin(struct times *times, const struct tcpt_abi_meta *meta)
{
	times->loaded_offset = meta->realtime;
	times->loaded_tai = meta->tai;
	times->namespace_ns = monotonic_namespace_ns();
	times_look(times);
}

void times_set_now(struct times *times, struct tcpt_event *event)
{
	times_look(times);
	event->ts = now(times);
	event->time = event->ts + times->offset;
}

/*
 * Returns CLOCK_REALTIME at ts, for an event without a time; 0 if it is not known. What
 * changed and changed back between the load and the reader's start is not seen.
 */
static uint64_t compute(const struct times *times, uint64_t ts)
{
	if (ts < times->since && !realtime_is_near(times->offset, times->loaded_offset))
		return 0;
	return ts + times->offset;
}

/*
 * Returns CLOCK_REALTIME for a record with CLOCK_TAI. Which of the two differences the
 * record's clock had shows in what follows from it: the clock of the load, or that of
 * now.
 */
static uint64_t of_tai(const struct times *times, uint64_t tai, uint64_t ts)
{
	int64_t before = tai - times->loaded_tai - ts, after = tai - times->tai - ts;
	bool is_before = realtime_is_near(before, times->loaded_offset) ||
			 realtime_is_near(before, times->offset);
	bool is_after = realtime_is_near(after, times->loaded_offset) ||
			realtime_is_near(after, times->offset);

	return ts + (is_after && !is_before ? after : before);
}

uint64_t times_of(const struct times *times, const struct tcpt_abi_event *record)
{
	if (!record->time)
		return compute(times, record->ts);
	if (record->flags & TCPT_ABI_TAI)
		return of_tai(times, record->time, record->ts);
	return record->time;
}
