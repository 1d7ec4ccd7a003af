// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How far readers have come, in numbers. The programs count what they lose, and
 * the map cursor keeps which of it readers have told of; the numbers of events
 * only say when to look.
 *
 * A reader can be killed between any two stores of progress_ack(), and of the
 * ring's acknowledgement behind it. What has not been stored is handed out again
 * by the next one, whichever it is, and nothing is skipped: every store is of
 * what has been told by then, and by each the next one's view is right by itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "tcpt_abi.h"

int progress_init(struct progress *progress)
{
	size_t size = progress->cpus * sizeof(*progress->own);

	progress->own = malloc(size);
	if (!progress->own)
		return -ENOMEM;
	memcpy(progress->own, progress->cursor, size);
	return 0;
}

void progress_free(struct progress *progress)
{
	free(progress->own);
	progress->own = NULL;
}

static uint64_t counted(const struct progress *progress, unsigned int cpu, enum tcpt_where where)
{
	const struct tcpt_abi_counters *of = &progress->counters[cpu];

	switch (where) {
	case TCPT_WHERE_RING:
		return __atomic_load_n(progress->tap > 1 ? &of->lost_at[progress->tap - 2] : &of->lost,
				       __ATOMIC_RELAXED);
	case TCPT_WHERE_CONNS:
		return __atomic_load_n(&of->conns_full, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n(&of->fails_lost, __ATOMIC_RELAXED);
	}
}

bool progress_loss(struct progress *progress, unsigned int cpu, enum tcpt_where where,
		   struct tcpt_event *event)
{
	uint64_t total = counted(progress, cpu, where);
	__u64 *told = &progress->own[cpu].told[where];

	if (total == *told)
		return false;
	memset(event, 0, sizeof(*event));
	event->type = TCPT_EVENT_LOST;
	event->cpu = cpu;
	event->where = where;
	event->count = total - *told;
	event->total = total;
	*told = total;
	return true;
}

bool progress_any_loss(struct progress *progress, struct tcpt_event *event)
{
	for (unsigned int cpu = 0; cpu < progress->cpus; cpu++)
		for (int where = 0; where < TCPT_WHERES; where++)
			if (progress_loss(progress, cpu, where, event))
				return true;
	return false;
}

bool progress_skips(struct progress *progress, const struct tcpt_event *event)
{
	struct tcpt_abi_cursor *own = &progress->own[event->cpu];
	bool gap = event->seq > own->seq + 1;

	if (event->seq > own->seq)
		own->seq = event->seq;
	return gap;
}

/* By whole words: memcpy may be interrupted in the middle of a number. */
void progress_ack(struct progress *progress)
{
	for (unsigned int i = 0; i < progress->cpus; i++) {
		const struct tcpt_abi_cursor *from = &progress->own[i];
		struct tcpt_abi_cursor *to = &progress->cursor[i];

		for (int where = 0; where < TCPT_WHERES; where++)
			__atomic_store_n(&to->told[where], from->told[where], __ATOMIC_RELAXED);
		__atomic_store_n(&to->seq, from->seq, __ATOMIC_RELAXED);
	}
}
