// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The progress of readers, in numbers of events. The programs count what they lose, and
 * the map cursor keeps how much of it readers have reported. The numbers of events only
 * show when to look.
 *
 * A reader can be killed between any two stores of progress_ack(), or before the ring's
 * acknowledgement behind it. The next reader takes again what has not been stored, and
 * skips nothing. Each store is of what has been reported by then, and each by itself
 * leaves the cursor right for the next reader.
 *
 * The numbers come in no strict order, because programs interrupt each other. So the
 * reader counts events to know whether it has had all.
 *
 * In a recorder nobody counts what is overwritten. Where a reader was overtaken, the number
 * of the oldest event that is left says how many there were before it.
 */
#include "internal.h"
#include "read/progress.h"
#include "tcpt_abi.h"

static const struct tcpt_abi_counters *counters(const struct progress *progress, unsigned int cpu)
{
	return (const struct tcpt_abi_counters *)progress->counters.at + cpu;
}

/* Returns the cursors of the tap. */
static struct tcpt_abi_cursor *cursors(const struct progress *progress)
{
	return (struct tcpt_abi_cursor *)progress->cursors.at +
	       (progress->tap - 1) * progress->cpus;
}

static uint64_t counted(const struct progress *progress, unsigned int cpu, enum tcpt_where where)
{
	const struct tcpt_abi_counters *of = counters(progress, cpu);

	switch (where) {
	case TCPT_WHERE_RING:
		return __atomic_load_n(progress->tap > 1 ? &of->lost_at[progress->tap - 2] :
							   &of->lost,
				       __ATOMIC_RELAXED);
	case TCPT_WHERE_CONNS:
		return __atomic_load_n(&of->conns_full, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n(&of->fails_lost, __ATOMIC_RELAXED);
	}
}

uint64_t progress_numbered(const struct progress *progress, unsigned int cpu)
{
	return __atomic_load_n(&counters(progress, cpu)->seq, __ATOMIC_RELAXED);
}

/*
 * Corrects a cursor that has more than the programs have counted. Everybody who may read
 * can write the cursor. And a reader that is killed before the ring's acknowledgement
 * leaves events to the next reader that it has counted already.
 */
static enum cursor_fault check_cursor(struct progress *progress, unsigned int cpu)
{
	struct tcpt_abi_cursor *own = &progress->own[cpu];
	uint64_t seq = progress_numbered(progress, cpu);
	enum cursor_fault fault = CURSOR_GOOD;

	if (own->overwritten > seq) {
		own->overwritten = 0;
		progress->of[cpu].is_unknown = true;
		fault = CURSOR_FORGED;
	}
	if (own->events > seq - own->overwritten) {
		own->events = seq - own->overwritten;
		progress->of[cpu].is_unknown = true;
		fault = fault > CURSOR_AHEAD ? fault : CURSOR_AHEAD;
	}
	for (int where = 0; where < TCPT_ABI_WHERES; where++) {
		uint64_t total = counted(progress, cpu, where);

		if (own->reported[where] <= total)
			continue;
		own->reported[where] = total;
		fault = CURSOR_FORGED;
	}
	progress->of[cpu].newest = own->events + own->overwritten + own->reported[TCPT_WHERE_RING];
	return fault;
}

int progress_init(struct progress *progress, enum cursor_fault *fault)
{
	size_t size = progress->cpus * sizeof(*progress->own);

	progress->own = malloc(size);
	progress->of = calloc(progress->cpus, sizeof(*progress->of));
	if (!progress->own || !progress->of)
		return -ENOMEM;
	memcpy(progress->own, cursors(progress), size);
	*fault = CURSOR_GOOD;
	for (unsigned int cpu = 0; cpu < progress->cpus; cpu++) {
		enum cursor_fault found = check_cursor(progress, cpu);

		if (found > *fault)
			*fault = found;
	}
	return 0;
}

void progress_none(struct progress *progress, uint32_t tap)
{
	*progress = (struct progress){ .tap = tap, .cursors = WORDS_NONE, .counters = WORDS_NONE };
}

void progress_free(struct progress *progress)
{
	words_close(&progress->cursors);
	words_close(&progress->counters);
	free(progress->own);
	free(progress->of);
	progress->own = NULL;
	progress->of = NULL;
}

bool progress_loss(struct progress *progress, unsigned int cpu, enum tcpt_where where,
		   struct tcpt_event *event)
{
	uint64_t total = counted(progress, cpu, where);
	__u64 *reported = &progress->own[cpu].reported[where];

	if (total == *reported)
		return false;
	memset(event, 0, sizeof(*event));
	event->type = TCPT_EVENT_LOST;
	event->cpu = cpu;
	event->where = where;
	event->count = total - *reported;
	event->total = total;
	*reported = total;
	return true;
}

bool progress_any_loss(struct progress *progress, struct tcpt_event *event)
{
	for (unsigned int cpu = 0; cpu < progress->cpus; cpu++)
		for (int where = 0; where < TCPT_ABI_WHERES; where++)
			if (progress_loss(progress, cpu, where, event))
				return true;
	return false;
}

bool progress_skips(struct progress *progress, const struct tcpt_event *event)
{
	uint64_t *newest = &progress->of[event->cpu].newest;
	bool gap = event->seq > *newest + 1;

	if (event->seq > *newest)
		*newest = event->seq;
	return gap;
}

void progress_count(struct progress *progress, const struct tcpt_event *event)
{
	progress->own[event->cpu].events++;
}

int64_t progress_missing(const struct progress *progress, unsigned int cpu)
{
	uint64_t seq = progress_numbered(progress, cpu);

	return seq - counted(progress, cpu, TCPT_WHERE_RING) - progress->own[cpu].events -
	       progress->own[cpu].overwritten;
}

static void overwrite(struct progress *progress, unsigned int cpu, uint64_t count,
		      struct tcpt_event *event)
{
	progress->own[cpu].overwritten += count;
	memset(event, 0, sizeof(*event));
	event->type = TCPT_EVENT_OVERWRITTEN;
	event->cpu = cpu;
	event->count = count;
	event->total = progress->own[cpu].overwritten;
}

bool progress_overwritten(struct progress *progress, unsigned int cpu, uint64_t oldest,
			  struct tcpt_event *event)
{
	struct progress_cpu *of = &progress->of[cpu];
	const struct tcpt_abi_cursor *own = &progress->own[cpu];
	int64_t count = oldest - 1 - counted(progress, cpu, TCPT_WHERE_RING) - own->events -
			own->overwritten;

	of->is_lapped = true;
	if (!oldest || count <= 0 || of->is_unknown)
		return false;
	if (of->newest < oldest - 1)
		of->newest = oldest - 1;
	overwrite(progress, cpu, count, event);
	return true;
}

void progress_skip(struct progress *progress, unsigned int cpu, uint64_t count,
		   struct tcpt_event *event)
{
	struct progress_cpu *of = &progress->of[cpu];

	if (of->is_lapped) {
		overwrite(progress, cpu, count, event);
		return;
	}
	of->skipped += count;
	progress->own[cpu].events += count;
	memset(event, 0, sizeof(*event));
	event->type = TCPT_EVENT_LOST;
	event->cpu = cpu;
	event->where = TCPT_WHERE_POSITION;
	event->count = count;
	event->total = of->skipped;
}

void progress_forgive(struct progress *progress, unsigned int cpu, int64_t missing)
{
	progress->own[cpu].events += missing;
	progress->of[cpu].is_unknown = false;
}

/* It stores whole words: memcpy() may be interrupted in the middle of a number. */
void progress_ack(struct progress *progress)
{
	for (unsigned int i = 0; i < progress->cpus; i++) {
		const struct tcpt_abi_cursor *from = &progress->own[i];
		struct tcpt_abi_cursor *to = &cursors(progress)[i];

		for (int where = 0; where < TCPT_ABI_WHERES; where++)
			words_set(&progress->cursors, &to->reported[where], from->reported[where]);
		words_set(&progress->cursors, &to->overwritten, from->overwritten);
		words_set(&progress->cursors, &to->events, from->events);
	}
}

bool progress_set_asleep(struct progress *progress, bool is_asleep)
{
	struct tcpt_abi_cursor *first = progress->cursors.at;

	if (words_is_copy(&progress->cursors))
		return false;
	__atomic_store_n(&first->asleep[progress->tap - 1], is_asleep, __ATOMIC_SEQ_CST);
	return true;
}
