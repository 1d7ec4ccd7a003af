// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The reader's side of a ring of slots. The programs' side is bpf/slots.h.
 *
 * The events are handed out in the order of their timestamps, which programs take before
 * they take a slot. What an event can have caused must not come before it. So there is a
 * moment, and of the events up to it the earliest comes next. It is in the first slot that
 * is not read, of some segment: all that is in its slot before that moment was seen there,
 * because the look at the slots came after it. If a program is still writing the earliest
 * one, the reader waits for it, as in a ring buffer of the kernel.
 *
 * The position is in the map cursor, and everybody who may read can write it. That can make
 * the reader pass over records, and nothing else: a record is taken only if its slot has
 * its position before and after the copy, and programs alone can write to the ring.
 *
 * In a recorder the programs may go on over what is not read (segment.c). A reader that was
 * overtaken on a processor looks at the numbers of the oldest events left there before it
 * takes one. Of several levels, all but one may have older events: these are passed over.
 *
 * A record is there before its slot says so, as the programs store them. On a weakly
 * ordered machine programs for kernels before Linux 5.12, which have several levels,
 * cannot order the two. There a look first waits until all programs have ended, which
 * had a slot when it began.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "base/kernel.h"
#include "base/monotonic.h"
#include "internal.h"
#include "maps/facts.h"
#include "maps/segment.h"
#include "maps/slots-layout.h"
#include "maps/slots.h"
#include "maps/words.h"
#include "tcpt_abi.h"

#define LOOKS 1000 /* at a slot that is being written; most programs are done within these */

struct slots {
	struct tcpt_abi_slot *memory; /* NULL: the ring cannot be mapped, and is looked up */
	size_t size;
	int map; /* then; else -1 */
	struct words cursors;
	uint32_t slots; /* of each segment */
	uint32_t count; /* of segments */
	uint32_t levels; /* of each processor */
	bool is_recorder;
	int64_t ahead; /* of this time namespace's clock, ns */
	uint64_t until; /* the moment; later events are not looked at yet */
	bool is_weak; /* the order of the programs' stores is not known */
	struct segment *last; /* the segment of the record returned before, */
	uint64_t last_position; /* and its position */
	struct tcpt_abi_close record;
	struct segment of[];
};

/* ---- opening ---- */

static int open_segments(struct slots *slots, const struct slots_layout *layout, uint32_t tap,
			 uint32_t newest)
{
	struct tcpt_abi_cursor *cursors = slots->cursors.at;
	int err = 0;

	for (uint32_t i = 0; !err && i < slots->count; i++) {
		struct segment *segment = &slots->of[i];
		uint32_t cpu = (tap - 1) * layout->cpus + i / layout->levels;

		segment->map = slots->map;
		segment->number = i * (layout->slots + 1);
		if (slots->memory)
			segment->head = (const void *)(slots->memory + segment->number);
		segment->mask = layout->slots - 1;
		segment->is_recorder = layout->is_recorder;
		segment->margin = layout->is_recorder && slots->is_weak ? TCPT_ABI_SLOTS_SPARE : 0;
		segment->cursors = &slots->cursors;
		segment->cursor = &cursors[cpu].position[i % layout->levels];
		err = segment_open(segment, newest);
	}
	return err;
}

/* What is opened is closed by slots_close(). */
static int open_maps(struct slots *slots, int map_fd, int cursor_fd, uint32_t cursors)
{
	void *memory = mmap(NULL, slots->size, PROT_READ, MAP_SHARED, map_fd, 0);

	if (memory != MAP_FAILED)
		slots->memory = memory;
	else if (!words_cannot_map(errno))
		return -errno;
	else
		slots->map = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	if (!slots->memory && slots->map < 0)
		return -errno;
	return words_open(&slots->cursors, cursor_fd, true, sizeof(struct tcpt_abi_cursor),
			  cursors);
}

int slots_open_laid_out(struct slots **out, int map_fd, int cursor_fd, uint32_t tap,
			uint32_t newest, const struct slots_layout *layout, uint32_t cursors)
{
	uint32_t count = layout->cpus * layout->levels;
	struct slots *slots = calloc(1, sizeof(*slots) + count * sizeof(slots->of[0]));
	int err;

	if (!slots)
		return -ENOMEM;
	slots->count = count;
	slots->slots = layout->slots;
	slots->levels = layout->levels;
	slots->is_recorder = layout->is_recorder;
	slots->size = slots_layout_entries(layout) * sizeof(*slots->memory);
	slots->map = -1;
	slots->cursors = (struct words)WORDS_NONE;
	slots->ahead = monotonic_namespace_ns();
#ifndef __x86_64__
	slots->is_weak = layout->levels > 1;
#endif
	err = cursors < tap * layout->cpus ? -EPROTO : open_maps(slots, map_fd, cursor_fd, cursors);
	if (!err)
		err = open_segments(slots, layout, tap, newest);
	if (err)
		slots_close(slots);
	else
		*out = slots;
	return err;
}

int slots_open(struct slots **out, int map_fd, int cursor_fd, uint32_t tap, uint32_t newest)
{
	struct slots_layout layout;
	uint32_t cursors = 0;
	int err = slots_layout_look(map_fd, &layout) ?: facts_entries(cursor_fd, &cursors);

	return err ? err :
		     slots_open_laid_out(out, map_fd, cursor_fd, tap, newest, &layout, cursors);
}

void slots_close(struct slots *slots)
{
	if (!slots)
		return;
	if (slots->memory)
		munmap(slots->memory, slots->size);
	if (slots->map >= 0)
		close(slots->map);
	words_close(&slots->cursors);
	free(slots);
}

/* ---- reading ---- */

static void await_records(struct slots *slots)
{
	bool is_any = false;

	for (uint32_t i = 0; i < slots->count; i++) {
		slots->of[i].end = segment_newest(&slots->of[i]);
		is_any |= slots->of[i].end != slots->of[i].position;
	}
	if (is_any)
		kernel_await_programs();
}

/* Looks at all segments. Later events wait for the next look. */
static void look(struct slots *slots, uint64_t until)
{
	slots->until = until;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (slots->is_weak)
		await_records(slots);
	for (uint32_t i = 0; i < slots->count; i++)
		segment_see(&slots->of[i]);
}

/* Returns the segment whose next record is the earliest; NULL if there is none yet. */
static struct segment *find_earliest(struct slots *slots)
{
	struct segment *earliest = NULL;
	uint64_t ts = slots->until;

	for (uint32_t i = 0; i < slots->count; i++) {
		struct segment *segment = &slots->of[i];

		if (segment->ts > ts || segment->ts == SEGMENT_NONE ||
		    (earliest && segment->ts == ts))
			continue;
		earliest = segment;
		ts = segment->ts;
	}
	return earliest;
}

/* Returns the time of the earliest record that was seen; SEGMENT_NONE if none was. */
static uint64_t find_least_ts(const struct slots *slots)
{
	uint64_t least = SEGMENT_NONE;

	for (uint32_t i = 0; i < slots->count; i++)
		if (slots->of[i].ts < least)
			least = slots->of[i].ts;
	return least;
}

static const void *take(struct slots *slots, struct segment *segment, size_t *size)
{
	uint64_t position = segment->position;

	if (!segment_take(segment, &slots->record) || slots->record.event.seq < segment->floor)
		return NULL;
	slots->last = segment;
	slots->last_position = position;
	*size = slots->record.event.size;
	return &slots->record;
}

/* Returns true if the segment's next record, which was there already, is complete now. */
static bool is_complete(struct segment *segment)
{
	unsigned int state = segment_see(segment);

	for (int i = 0; state == TCPT_ABI_SLOT_BUSY && i < LOOKS; i++)
		state = segment_see(segment);
	return state == TCPT_ABI_SLOT_READY;
}

/*
 * Returns the segment with the earliest record. If all that are seen are later than the
 * look, it looks again up to the earliest of them: the clock may not quite agree with the
 * programs', and by now all is seen that may have caused that one.
 */
static struct segment *find_next(struct slots *slots)
{
	struct segment *segment = find_earliest(slots);
	uint64_t least;

	if (segment)
		return segment;
	look(slots, monotonic_ns() - (uint64_t)slots->ahead);
	segment = find_earliest(slots);
	least = segment ? SEGMENT_NONE : find_least_ts(slots);
	if (least == SEGMENT_NONE)
		return segment;
	look(slots, least);
	return find_earliest(slots);
}

/* What is left of a processor begins at this number. */
static void raise_floor(struct slots *slots, uint32_t i)
{
	struct segment *of_cpu = &slots->of[i - i % slots->levels];

	for (uint32_t level = 0; level < slots->levels; level++)
		if (of_cpu[level].floor < slots->of[i].oldest)
			of_cpu[level].floor = slots->of[i].oldest;
}

/*
 * Looks where this reader was overtaken. Returns 1 if nothing is new, 0 if it goes on
 * elsewhere now, and -1 if a program is still writing what that depends on.
 */
static int settle(struct slots *slots)
{
	int result = 1;

	for (uint32_t i = 0; slots->is_recorder && i < slots->count; i++) {
		struct segment *segment = &slots->of[i];

		if (!segment->is_lapped || segment->is_settled)
			continue;
		if (!segment_settle(segment))
			return -1;
		raise_floor(slots, i);
		result = 0;
	}
	return result;
}

const void *slots_next(struct slots *slots, size_t *size)
{
	struct segment *segment;
	const void *record = NULL;

	while (!record && (segment = find_next(slots))) {
		uint64_t ts = segment->ts;
		int settled = settle(slots);

		if (settled < 0)
			return NULL;
		if (!settled)
			continue;
		if (!is_complete(segment)) {
			if (segment->ts == SEGMENT_NONE)
				continue;
			return NULL;
		}
		if (segment->ts == ts)
			record = take(slots, segment, size);
	}
	return record;
}

void slots_back(struct slots *slots)
{
	if (!slots->last)
		return;
	slots->last->position = slots->last_position;
	segment_see(slots->last);
}

void slots_ack(struct slots *slots)
{
	for (uint32_t i = 0; i < slots->count; i++)
		segment_ack(&slots->of[i]);
}

const char *slots_fault(struct slots *slots)
{
	const char *fault = NULL;

	for (uint32_t i = 0; i < slots->count; i++) {
		fault = slots->of[i].fault ? slots->of[i].fault : fault;
		slots->of[i].fault = NULL;
	}
	return fault;
}

bool slots_overwritten(struct slots *slots, uint32_t cpu, uint64_t *oldest)
{
	bool is_lapped = false;

	*oldest = 0;
	for (uint32_t i = cpu * slots->levels; i < slots->count && i < (cpu + 1) * slots->levels;
	     i++) {
		struct segment *segment = &slots->of[i];

		for (int looks = 0; looks < LOOKS && !segment_settle(segment); looks++)
			;
		if (segment->is_lapped && segment->oldest > *oldest)
			*oldest = segment->oldest;
		is_lapped |= segment->is_lapped;
		segment->is_lapped = false;
	}
	return is_lapped;
}

/* ---- figures ---- */

bool slots_is_recorder(const struct slots *slots)
{
	return slots->is_recorder;
}

size_t slots_waiting(struct slots *slots)
{
	size_t waiting = 0;

	for (uint32_t i = 0; i < slots->count; i++) {
		uint64_t count = segment_newest(&slots->of[i]) - slots->of[i].acked;

		waiting += slots->is_recorder && count > slots->slots ? slots->slots : count;
	}
	return waiting * sizeof(struct tcpt_abi_slot);
}

bool slots_is_drained(struct slots *slots)
{
	return !slots_waiting(slots);
}

bool slots_is_taken(struct slots *slots)
{
	bool is_taken = true;

	for (uint32_t i = 0; i < slots->count; i++)
		is_taken &= segment_newest(&slots->of[i]) == slots->of[i].position;
	return is_taken;
}

unsigned long slots_acked(const struct slots *slots)
{
	unsigned long acked = 0;

	for (uint32_t i = 0; i < slots->count; i++)
		acked += slots->of[i].acked;
	return acked * sizeof(struct tcpt_abi_slot);
}

size_t slots_segment_bytes(const struct slots *slots)
{
	return slots->slots * sizeof(struct tcpt_abi_slot);
}

size_t slots_bytes(const struct slots *slots)
{
	return slots->count * slots_segment_bytes(slots);
}
