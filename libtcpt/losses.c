// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a reader has not been able to hand out. */
#include <errno.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "reader.h"
#include "tcpt_abi.h"

#define LOOK_NS 1000000000ULL
#define TRIES	100 /* a millisecond each */

static void renew(struct tcpt_reader *reader, unsigned int from, unsigned int to)
{
	struct tcpt_abi_counters *counters = reader->progress.counters;

	if (reader->counters_map >= 0)
		mapped_renew(reader->counters_map, from, to, sizeof(*counters), counters);
}

/*
 * Whether the counters are up to date. Seldom, unless an event is missing, where
 * these looks are system calls.
 */
static bool look_again(struct tcpt_reader *reader)
{
	uint64_t now;

	if (reader->counters_map < 0)
		return true;
	now = monotonic_ns();
	if (reader->looked && now - reader->looked < LOOK_NS)
		return false;
	reader->looked = now;
	renew(reader, 0, reader->progress.cpus);
	return true;
}

/* Whether all that has been submitted to this trace's rings is read. */
static bool is_drained(struct tcpt_reader *reader)
{
	uint64_t names;

	if (!ring_is_drained(reader->ring) || reader->ring_number != reader->current_ring)
		return false;
	names = swap_names(reader->pin);
	return names && reader_has_own_trace(reader) && !reader_is_replaced(reader) &&
	       ring_is_drained(reader->ring) && swap_names(reader->pin) == names;
}

/*
 * A program has given an event its number before it has counted it as lost, and
 * before it is in the rings of all taps. What is missing only then is not.
 */
static int64_t find_missing(struct tcpt_reader *reader, unsigned int cpu)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int64_t missing = progress_missing(&reader->progress, cpu);

	for (int i = 0; missing && i < TRIES; i++) {
		if (!is_drained(reader))
			return 0;
		nanosleep(&moment, NULL);
		renew(reader, cpu, cpu + 1);
		missing = progress_missing(&reader->progress, cpu);
	}
	return missing && is_drained(reader) ? missing : 0;
}

static void warn_of_repetition(struct tcpt_reader *reader, unsigned int cpu, uint64_t count)
{
	log_warning(
		&reader->log,
		"%llu events of cpu %u have come again: a reader was killed while it noted that it "
		"had read them, or somebody who may write %s has moved the reading position back",
		(unsigned long long)count, cpu,
		pin_join(reader->pin, "maps", ring_name(reader->progress.tap).text).text);
	progress_forgive(&reader->progress, cpu);
}

/* Events that were neither handed out nor counted as lost: the position was moved over them. */
static bool has_skipped(struct tcpt_reader *reader, unsigned int cpu, struct tcpt_event *event)
{
	struct progress *progress = &reader->progress;
	int64_t missing = find_missing(reader, cpu);

	if (missing && progress->of[cpu].is_unknown) {
		progress_forgive(progress, cpu);
		return false;
	}
	if (missing > 0)
		progress_skip(progress, cpu, missing, event);
	else if (missing)
		warn_of_repetition(reader, cpu, -missing);
	return missing > 0;
}

static bool has_skipped_any(struct tcpt_reader *reader, struct tcpt_event *event)
{
	for (unsigned int cpu = 0; cpu < reader->progress.cpus; cpu++)
		if (has_skipped(reader, cpu, event))
			return true;
	return false;
}

TCPT_API int tcpt_reader_lost(struct tcpt_reader *reader, struct tcpt_event *event)
{
	bool is_fresh;

	if (!reader || !event)
		return -EINVAL;
	is_fresh = look_again(reader);
	return progress_any_loss(&reader->progress, event) ||
	       (is_fresh && has_skipped_any(reader, event));
}

/* The losses before this event, whose number shows that there are some. */
bool reader_has_loss_before(struct tcpt_reader *reader, const struct tcpt_event *event,
			    struct tcpt_event *loss)
{
	if (!progress_skips(&reader->progress, event))
		return false;
	renew(reader, event->cpu, event->cpu + 1);
	return progress_loss(&reader->progress, event->cpu, TCPT_WHERE_RING, loss);
}
