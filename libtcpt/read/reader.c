// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading a pinned trace. The ring's own consumer position and the map cursor keep what
 * has been acknowledged, so the next reader goes on there.
 */
#include <sys/stat.h>

#include "base/arguments.h"
#include "base/monotonic.h"
#include "internal.h"
#include "maps/event.h"
#include "maps/ring-name.h"
#include "maps/store.h"
#include "pins/locks.h"
#include "pins/arrays.h"
#include "pins/meta-open.h"
#include "pins/meta.h"
#include "pins/pins.h"
#include "pins/rings.h"
#include "pins/swap-settle.h"
#include "read/reader.h"
#include "tcpt_abi.h"

/* ---- maps that members of the group can write ---- */

#define WARN_NS 1000000000ULL

/* Warns of a fault, at most once a second. */
static void warn_of_writer(struct tcpt_reader *reader, const char *map, const char *what)
{
	uint64_t now = monotonic_ns();

	if (reader->warned && now - reader->warned < WARN_NS)
		return;
	reader->warned = now;
	log_warning(&reader->log, "%s; only somebody who may write %s can have done that", what,
		    pin_join(reader->pin, "maps", map).text);
}

static void warn_of_position(struct tcpt_reader *reader)
{
	const char *fault = store_fault(reader->ring);
	char what[160];

	if (!fault)
		return;
	snprintf(what, sizeof(what),
		 "the reading position has been moved: it was %s; reading "
		 "goes on behind the newest event",
		 fault);
	warn_of_writer(reader, ring_name(reader->progress.tap).text, what);
}

static void warn_of_cursor(struct tcpt_reader *reader, enum cursor_fault fault)
{
	if (fault == CURSOR_FORGED)
		warn_of_writer(reader, "cursor",
			       "it says that more events were read than have happened; "
			       "what was lost before is not known");
	else if (fault == CURSOR_AHEAD)
		log_warning(&reader->log,
			    "more events were read than have happened: a reader was killed while "
			    "it noted that it had read them, or somebody who may write %s has "
			    "changed it; what was passed over before is not known",
			    pin_join(reader->pin, "maps", "cursor").text);
}

/* ---- opening ---- */

static int open_arrays(struct progress *progress, const char *dir)
{
	int err = arrays_open(&progress->counters, dir, "counters", false,
			      sizeof(struct tcpt_abi_counters));

	if (!err)
		err = arrays_open(&progress->cursors, dir, "cursor", true,
				  sizeof(struct tcpt_abi_cursor));
	if (err)
		return err;
	progress->cpus = progress->counters.entries;
	return progress->cursors.entries < progress->tap * progress->cpus ? -EPROTO : 0;
}

static int open_maps(struct tcpt_reader *reader, const char *dir)
{
	struct progress *progress = &reader->progress;
	enum cursor_fault fault;
	int err = rings_open(&reader->ring, dir, progress->tap, reader->current_ring,
			     &reader->ring_number);

	if (!err)
		err = open_arrays(progress, dir);
	if (!err)
		err = progress_init(progress, &fault);
	if (!err)
		warn_of_cursor(reader, fault);
	return err;
}

static void let_go(struct tcpt_reader *reader)
{
	store_close(reader->ring);
	reader->ring = NULL;
	reader->ring_number = 0;
	progress_free(&reader->progress);
}

static int open_as_named(struct tcpt_reader *reader, uint64_t names)
{
	struct tcpt_abi_meta meta;
	int err = meta_read(pin_join(reader->pin, "maps", "meta").text, &meta);

	reader_trace_note(reader, &meta, names);
	return err ? err : open_maps(reader, reader->pin);
}

#define OPEN_TRIES 16

/* Opens the maps, and does it again if names have changed meanwhile. */
static int open_whole(struct tcpt_reader *reader, const struct tcpt_log *log)
{
	struct tcpt_abi_meta meta;
	uint64_t names;
	int err;

	for (int tries = 0; tries < OPEN_TRIES; tries++) {
		names = swap_settle_names(reader->pin);
		err = names ? open_as_named(reader, names) : 0;
		if (names && swap_settle_names(reader->pin) == names)
			return err ? meta_open_explain(err, reader->pin, log) : 0;
		let_go(reader);
		err = swap_settle_open(reader->pin, &meta, log); /* it waits */
		if (err)
			return err;
	}
	return log_error(log, -EBUSY, "the trace at %s is replaced again and again; try later",
			 reader->pin);
}

static int open_trace(struct tcpt_reader *reader, const struct tcpt_log *log)
{
	struct tcpt_abi_meta meta;
	int err = swap_settle_open(reader->pin, &meta, log);

	if (err)
		return err;
	if (reader->progress.tap > meta.taps)
		return log_error(log, -ENOENT,
				 "the trace at %s has no tap %u, but %u; load it with --taps",
				 reader->pin, reader->progress.tap, meta.taps);
	reader->lock = locks_take_reader(reader->pin, reader->progress.tap, meta.taps, log);
	if (reader->lock < 0)
		return reader->lock;
	return open_whole(reader, log);
}

TCPT_API int tcpt_reader_open(struct tcpt_reader **out, const char *pin, unsigned int tap,
			      const struct tcpt_log *log)
{
	struct tcpt_reader *reader;
	int err = argument_check_tap(out, "place for the reader", tap, log);

	if (err)
		return err;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->lock = -1;
	progress_none(&reader->progress, tap);
	if (log)
		reader->log = *log;
	err = pins_normalise(reader->pin, pin, log);
	if (!err)
		err = open_trace(reader, log);
	if (err)
		tcpt_reader_close(reader);
	else
		*out = reader;
	return err;
}

TCPT_API void tcpt_reader_close(struct tcpt_reader *reader)
{
	if (!reader)
		return;
	let_go(reader);
	netns_cookies_free(&reader->netns);
	if (reader->lock >= 0)
		close(reader->lock);
	free(reader);
}

/* ---- reading ---- */

/* Returns true if the reader is done with its ring. */
static bool has_read(const struct tcpt_reader *reader)
{
	return reader->peeks ? store_is_taken(reader->ring) : store_is_drained(reader->ring);
}

static int open_next(struct tcpt_reader *reader)
{
	uint32_t number = reader->ring_number + 1;
	uint64_t names = swap_settle_names(reader->pin);
	struct store *next;
	int err;

	if (!names || !reader_trace_is_own(reader))
		return 0;
	reader_trace_is_replaced(reader);
	if (reader->current_ring < number || !has_read(reader))
		return 0;
	err = rings_open(&next, reader->pin, reader->progress.tap, reader->current_ring, &number);
	if (swap_settle_names(reader->pin) != names) {
		if (!err)
			store_close(next);
		return 0;
	}
	if (err)
		return err;
	if (!reader->peeks)
		rings_remove(reader->pin, reader->progress.tap, reader->ring_number);
	store_close(reader->ring);
	reader->ring = next;
	reader->ring_number = number;
	return 1;
}

/*
 * Goes on to the next ring. When the description names another ring, the replaced one gets
 * no more events. When all of it is acknowledged, the reader leaves it.
 */
static int next_ring(struct tcpt_reader *reader)
{
	if (meta_identity(reader->pin) == reader->identity &&
	    reader->current_ring <= reader->ring_number)
		return 0;
	return open_next(reader);
}

static int next_record(struct tcpt_reader *reader, const void **record, size_t *size)
{
	int changed;

	do {
		*record = store_next(reader->ring, size);
		warn_of_position(reader);
		changed = *record ? 0 : next_ring(reader);
	} while (changed > 0);
	return changed;
}

int reader_has_next(struct tcpt_reader *reader)
{
	const void *record;
	size_t size;
	int err = next_record(reader, &record, &size);

	if (err || !record)
		return err;
	store_back(reader->ring);
	return 1;
}

TCPT_API int tcpt_reader_next(struct tcpt_reader *reader, struct tcpt_event *event)
{
	struct tcpt_event loss;
	const void *record;
	size_t size;
	int err = reader && event ? next_record(reader, &record, &size) : -EINVAL;

	if (err || !record)
		return err;
	err = event_decode(event, record, size);
	if (!err && event->cpu >= reader->progress.cpus)
		err = -EPROTO;
	if (err) {
		store_back(reader->ring);
		return err;
	}
	event->time = times_of(&reader->times, record);
	if (reader_losses_before(reader, event, &loss)) {
		store_back(reader->ring);
		*event = loss;
		return 1;
	}
	if (!event->netns && event->netns_cookie)
		event->netns = netns_cookies_inode(&reader->netns, event->netns_cookie);
	progress_count(&reader->progress, event);
	return 1;
}

/*
 * It acknowledges the ring last. An event that comes twice shows by its number; one that is
 * lost would not show.
 */
TCPT_API void tcpt_reader_ack(struct tcpt_reader *reader)
{
	if (!reader || reader->peeks)
		return;
	progress_ack(&reader->progress);
	store_ack(reader->ring);
	times_look(&reader->times);
}

TCPT_API void tcpt_reader_peek(struct tcpt_reader *reader)
{
	if (reader)
		reader->peeks = true;
}

#define MEND_NS 1000000000ULL

/* Ends a replacement that was interrupted; nobody else may be there to end it. */
static void mend(struct tcpt_reader *reader)
{
	uint64_t now = monotonic_ns();

	if (now - reader->mended < MEND_NS)
		return;
	reader->mended = now;
	swap_settle_mend(reader->pin);
}

/* A trace that was replaced has another keeper, or none, as its description says. */
TCPT_API bool tcpt_reader_is_over(struct tcpt_reader *reader)
{
	struct stat st;

	if (!reader || fstat(reader->lock, &st) || st.st_nlink == 0)
		return true;
	mend(reader);
	if (!reader->keeper || locks_are_kept(reader->pin, reader->keeper))
		return false;
	swap_settle(reader->pin);
	return !reader_trace_is_replaced(reader) ||
	       (reader->keeper && !locks_are_kept(reader->pin, reader->keeper));
}
