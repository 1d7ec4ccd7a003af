// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rings of a trace that is looked at: how much is in them, and what was overwritten. */
#include "internal.h"
#include "maps/ring-name.h"
#include "maps/store.h"
#include "pins/arrays.h"
#include "pins/rings.h"
#include "read/progress.h"
#include "read/stat.h"
#include "tcpt_abi.h"

static int open_progress(struct progress *progress, const struct tcpt_stat *stat, unsigned int tap)
{
	enum cursor_fault fault;
	int err;

	progress_none(progress, tap);
	err = arrays_open(&progress->counters, stat->pin, "counters", false,
			  sizeof(struct tcpt_abi_counters));
	if (!err)
		err = arrays_open(&progress->cursors, stat->pin, "cursor", false,
				  sizeof(struct tcpt_abi_cursor));
	if (err)
		return err;
	progress->cpus = progress->counters.entries;
	return progress->cursors.entries < tap * progress->cpus ? -EPROTO :
								  progress_init(progress, &fault);
}

static void count(struct tcpt_stat *stat, struct tcpt_stat_tap *tap,
		  const struct progress *progress)
{
	for (unsigned int cpu = 0; cpu < progress->cpus; cpu++) {
		uint64_t overwritten = progress->own[cpu].overwritten;

		tap->overwritten += overwritten;
		if (tap->tap != stat->trace.tap || cpu >= stat->cpus)
			continue;
		stat->of[cpu].overwritten = overwritten;
		stat->sum.overwritten += overwritten;
	}
}

/*
 * Counts what readers have reported as overwritten, and what the next one will report. As
 * long as older rings wait to be read, it is not known how much of that is in these.
 */
static int read_overwritten(struct tcpt_stat *stat, struct tcpt_stat_tap *tap, struct store *ring,
			    bool is_next)
{
	struct tcpt_event event;
	struct progress progress;
	uint64_t oldest;
	int err = open_progress(&progress, stat, tap->tap);

	for (unsigned int cpu = 0; !err && is_next && cpu < progress.cpus; cpu++)
		if (store_overwritten(ring, cpu, &oldest))
			progress_overwritten(&progress, cpu, oldest, &event);
	if (!err)
		count(stat, tap, &progress);
	progress_free(&progress);
	return err;
}

static int read_ring(struct tcpt_stat *stat, struct tcpt_stat_tap *tap)
{
	size_t older = rings_waiting(stat->pin, tap->tap, stat->ring);
	struct store *ring;
	int err = rings_open_pin(&ring, stat->pin, tap->tap, stat->ring,
				 pin_join(stat->pin, "maps", ring_name(tap->tap).text).text);

	if (err)
		return err;
	stat->trace.store = store_kind(ring);
	stat->trace.is_recorder = store_is_recorder(ring);
	tap->ring_used = store_waiting(ring) + older;
	tap->ring_bytes = store_bytes(ring);
	tap->overwritten = 0;
	if (stat->trace.is_recorder)
		err = read_overwritten(stat, tap, ring, !older);
	store_close(ring);
	return err;
}

int stat_rings_read(struct tcpt_stat *stat)
{
	const struct tcpt_stat_tap *own = &stat->taps[stat->trace.tap - 1];
	int err = 0;

	stat->sum.overwritten = 0;
	for (unsigned int i = 0; !err && i < stat->trace.taps; i++)
		err = read_ring(stat, &stat->taps[i]);
	stat->trace.ring_used = own->ring_used;
	stat->trace.ring_bytes = own->ring_bytes;
	return err;
}
