// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The events that a reader could not take, because they were lost or passed over. */
#include <sys/file.h>

#include "base/kernel.h"
#include "base/monotonic.h"
#include "base/wait.h"
#include "internal.h"
#include "maps/ring-name.h"
#include "maps/store.h"
#include "pins/swap-settle.h"
#include "read/reader.h"

#define LOOK_NS 1000000000ULL

static void renew(struct tcpt_reader *reader, unsigned int from, unsigned int to)
{
	words_renew(&reader->progress.counters, from, to);
}

/* Returns true if all that is in the rings of the tap is read. */
static bool is_drained(struct tcpt_reader *reader)
{
	uint64_t names;

	if (!store_is_drained(reader->ring) || reader->ring_number != reader->current_ring)
		return false;
	names = swap_settle_names(reader->pin);
	return names && reader_trace_is_own(reader) && !reader_trace_is_replaced(reader) &&
	       store_is_drained(reader->ring) && swap_settle_names(reader->pin) == names;
}

/*
 * Returns true if the counters are up to date. Where a look is system calls, it looks at
 * most once a second. It looks once more after a look that came too early, and after one
 * that found something, because there may be more.
 */
static bool look_again(struct tcpt_reader *reader)
{
	uint64_t now;

	if (!words_is_copy(&reader->progress.counters))
		return true;
	now = monotonic_ns();
	if (reader->looked && now - reader->looked < LOOK_NS &&
	    !(reader->looks_once_more && is_drained(reader)))
		return false;
	reader->looked = now;
	reader->looks_once_more = !is_drained(reader);
	renew(reader, 0, reader->progress.cpus);
	return true;
}

/*
 * Returns true if the missing events come within a moment, as most do. The long wait would
 * let a small ring overflow meanwhile.
 */
static bool is_momentary(struct tcpt_reader *reader, unsigned int cpu)
{
	wait_ns(1000000);
	renew(reader, cpu, cpu + 1);
	return !is_drained(reader) ||
	       (!reader->progress.of[cpu].is_unknown && !progress_missing(&reader->progress, cpu));
}

/*
 * Sets *missing to how many events are missing, and returns true if that is certain. A
 * program gives an event its number first. Then it counts it as lost, or puts it into the
 * rings of all taps, and it can be preempted in between for any time. So this waits for
 * the programs that were running, and no event may have got a number since.
 */
static bool find_missing(struct tcpt_reader *reader, unsigned int cpu, int64_t *missing)
{
	const struct progress *progress = &reader->progress;
	uint64_t newest;

	if (!is_drained(reader) || is_momentary(reader, cpu))
		return false;
	newest = progress_numbered(progress, cpu);
	kernel_await_programs();
	renew(reader, cpu, cpu + 1);
	*missing = progress_missing(progress, cpu);
	renew(reader, cpu, cpu + 1);
	return is_drained(reader) && progress_numbered(progress, cpu) == newest;
}

static void warn_of_repetition(struct tcpt_reader *reader, unsigned int cpu, int64_t missing)
{
	log_warning(
		&reader->log,
		"%llu events of cpu %u have come again: a reader was killed while it noted that it "
		"had read them, or somebody who may write %s has moved the reading position back",
		(unsigned long long)-missing, cpu,
		pin_join(reader->pin, "maps", ring_name(reader->progress.tap).text).text);
	progress_forgive(&reader->progress, cpu, missing);
}

/* Finds events that were neither taken nor counted as lost: the position was moved over them. */
static bool has_skipped(struct tcpt_reader *reader, unsigned int cpu, struct tcpt_event *event)
{
	struct progress *progress = &reader->progress;
	bool is_unknown = progress->of[cpu].is_unknown;
	int64_t missing = progress_missing(progress, cpu);

	if ((!missing && !is_unknown) || !find_missing(reader, cpu, &missing))
		return false;
	if (is_unknown)
		progress_forgive(progress, cpu, missing);
	else if (missing > 0)
		progress_skip(progress, cpu, missing, event);
	else if (missing)
		warn_of_repetition(reader, cpu, missing);
	return missing > 0 && !is_unknown;
}

static bool has_skipped_any(struct tcpt_reader *reader, struct tcpt_event *event)
{
	for (unsigned int cpu = 0; cpu < reader->progress.cpus; cpu++)
		if (has_skipped(reader, cpu, event))
			return true;
	return false;
}

/* A loss has the time at which it was found. */
TCPT_API int tcpt_reader_lost(struct tcpt_reader *reader, struct tcpt_event *event)
{
	bool is_fresh, is_found;

	if (!reader || !event)
		return -EINVAL;
	is_fresh = look_again(reader);
	is_found = progress_any_loss(&reader->progress, event) ||
		   (is_fresh && has_skipped_any(reader, event));
	if (!is_found)
		return 0;
	reader->looks_once_more = true;
	times_set_now(&reader->times, event);
	return 1;
}

/* Finds events that were overwritten before the reader came to them. */
static bool has_been_overtaken(struct tcpt_reader *reader, unsigned int cpu,
			       struct tcpt_event *loss)
{
	uint64_t oldest;

	if (!store_overwritten(reader->ring, cpu, &oldest))
		return false;
	renew(reader, cpu, cpu + 1);
	return progress_overwritten(&reader->progress, cpu, oldest, loss);
}

static bool has_lost_before(struct tcpt_reader *reader, const struct tcpt_event *event,
			    struct tcpt_event *loss)
{
	if (!progress_skips(&reader->progress, event))
		return false;
	renew(reader, event->cpu, event->cpu + 1);
	return progress_loss(&reader->progress, event->cpu, TCPT_WHERE_RING, loss);
}

bool reader_losses_before(struct tcpt_reader *reader, const struct tcpt_event *event,
			  struct tcpt_event *loss)
{
	if (!has_been_overtaken(reader, event->cpu, loss) && !has_lost_before(reader, event, loss))
		return false;
	times_set_now(&reader->times, loss);
	return true;
}
