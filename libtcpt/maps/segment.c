// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A segment of a ring of slots: its position, and the record there. The slots are memory, or
 * before Linux 5.5 are looked up. A look-up copies a slot word after word. The program may
 * write it meanwhile, so what it has copied beside the state is not believed yet.
 *
 * In a recorder the programs may overwrite every slot at any time. A reader that they have
 * overtaken goes on at the oldest record that is left. A record is taken if its slot has its
 * position before and after the copy, and a program changes the position before the record.
 * On weakly ordered machines before Linux 5.12 nothing orders these two. But each program
 * changes maps that have barriers, so what one stored has been seen when the second one
 * after it begins. There the oldest records are passed over: as many as the programs that
 * may have begun without their marks being seen.
 */
#include <bpf/bpf.h>

#include "internal.h"
#include "maps/segment.h"
#include "maps/words.h"

static int look_up(const struct segment *segment, uint32_t number, void *element)
{
	number += segment->number;
	return bpf_map_lookup_elem(segment->map, &number, element) ? -errno : 0;
}

uint64_t segment_newest(struct segment *segment)
{
	if (segment->head)
		return __atomic_load_n(&segment->head->head, __ATOMIC_ACQUIRE);
	look_up(segment, 0, &segment->seen_head);
	return segment->seen_head.head;
}

/* Returns the position that is kept now. */
static uint64_t kept_position(const struct segment *segment)
{
	const struct words *cursors = segment->cursors;
	size_t offset = (const char *)segment->cursor - (const char *)cursors->at;

	words_renew(cursors, offset / cursors->size, offset / cursors->size + 1);
	return __atomic_load_n(segment->cursor, __ATOMIC_ACQUIRE);
}

/* Returns true if the position can be that of a reader which has read a later ring. */
static bool is_in_later_ring(const struct segment *segment, uint64_t position, uint32_t newest)
{
	uint64_t ring = position >> TCPT_ABI_FIRST;

	return ring > segment->first >> TCPT_ABI_FIRST && ring <= newest;
}

/* Goes on at the oldest record that is left. Returns false if that is the next one anyway. */
static bool catch_up(struct segment *segment, uint64_t head)
{
	int64_t room = segment->mask + 1 - segment->margin;

	if ((int64_t)(head - segment->position) <= room)
		return false;
	segment->position = head - room;
	segment->ts = SEGMENT_NONE;
	segment->is_lapped = true;
	segment->is_settled = false;
	return true;
}

static void go_to(struct segment *segment, uint64_t position, uint64_t end, uint32_t newest)
{
	segment->kept = position;
	segment->ts = segment->end = SEGMENT_NONE;
	if (position < segment->first)
		position = segment->first;
	if (position <= end && end - position > segment->mask + 1 && !segment->is_recorder)
		segment->fault = "further back than the ring goes";
	else if (position > end && !is_in_later_ring(segment, position, newest))
		segment->fault = "ahead of the newest event";
	segment->is_faulty = segment->fault;
	segment->position = segment->acked = segment->fault || position > end ? end : position;
	if (segment->is_recorder)
		catch_up(segment, end);
}

int segment_open(struct segment *segment, uint32_t newest)
{
	int err = segment->head ? 0 : look_up(segment, 0, &segment->seen_head);

	if (err)
		return err;
	segment->first = segment->head ? segment->head->first : segment->seen_head.first;
	go_to(segment, kept_position(segment), segment_newest(segment), newest);
	return 0;
}

/* Returns the slot of a record as it is now. */
static const struct tcpt_abi_slot *slot_of(struct segment *segment, uint64_t position)
{
	uint32_t at = 1 + (position & segment->mask);

	if (segment->head)
		return (const struct tcpt_abi_slot *)segment->head + at;
	if (look_up(segment, at, &segment->seen))
		segment->seen.state = 0;
	return &segment->seen;
}

/* Returns what the bits of a state mean. */
static unsigned int kind_of(uint64_t state)
{
	unsigned int bits = state & ((1 << TCPT_ABI_SLOT_BITS) - 1);

	return bits & TCPT_ABI_SLOT_HELD ? TCPT_ABI_SLOT_DISCARDED : bits;
}

/*
 * The programs have gone on over the next record. Returns true if there may be one to read;
 * otherwise goes on behind the newest one. A head that is older than what was seen of the
 * slots can only be on a weakly ordered machine.
 */
static bool is_overtaken(struct segment *segment)
{
	if (segment->is_recorder) {
		if (!catch_up(segment, segment_newest(segment))) {
			segment->position++;
			segment->is_lapped = true;
			segment->is_settled = false;
		}
		return true;
	}
	segment->fault = "not where this reader has left it";
	segment->position = segment_newest(segment);
	segment->ts = SEGMENT_NONE;
	return false;
}

/* Returns true if no record comes there any more, although the slot has not changed. */
static bool is_passed(struct segment *segment)
{
	return segment->is_recorder && catch_up(segment, segment_newest(segment));
}

unsigned int segment_see(struct segment *segment)
{
	for (;;) {
		const struct tcpt_abi_slot *slot = slot_of(segment, segment->position);
		uint64_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
		uint64_t position = state >> TCPT_ABI_SLOT_BITS;
		unsigned int kind = kind_of(state);

		segment->ts = SEGMENT_NONE;
		if (segment->position >= segment->end)
			return 0;
		if (!kind || position < segment->position) {
			if (!is_passed(segment))
				return 0;
		} else if (position > segment->position) {
			if (!is_overtaken(segment))
				return 0;
		} else if (kind != TCPT_ABI_SLOT_DISCARDED) {
			segment->ts = __atomic_load_n(&slot->record.event.ts, __ATOMIC_RELAXED);
			return kind;
		} else {
			segment->position++;
		}
	}
}

/*
 * Copies the record. Returns whether it was there from the beginning of the copy to its end.
 * It was ready before this begins, as segment_see() has seen.
 */
static bool copy(struct segment *segment, struct tcpt_abi_close *record)
{
	const struct tcpt_abi_slot *slot = slot_of(segment, segment->position);
	uint64_t state = segment->position << TCPT_ABI_SLOT_BITS | TCPT_ABI_SLOT_READY;

	memcpy(record, &slot->record, sizeof(*record));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!segment->head)
		slot = slot_of(segment, segment->position);
	if (__atomic_load_n(&slot->state, __ATOMIC_RELAXED) != state)
		return false;
	return !segment->margin || !catch_up(segment, segment_newest(segment));
}

bool segment_take(struct segment *segment, struct tcpt_abi_close *record)
{
	uint64_t position = segment->position;

	if (!copy(segment, record)) {
		if (segment->position != position || is_overtaken(segment))
			segment_see(segment);
		return false;
	}
	segment->position++;
	segment_see(segment);
	return true;
}

/* Sets *seq to the number of an event. Returns what its slot is; 0 if that is overwritten. */
static unsigned int look_at(struct segment *segment, uint64_t position, uint64_t *seq)
{
	const struct tcpt_abi_slot *slot = slot_of(segment, position);
	uint64_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
	uint64_t wanted = position << TCPT_ABI_SLOT_BITS;

	if (state < wanted)
		return TCPT_ABI_SLOT_BUSY;
	*seq = __atomic_load_n(&slot->record.event.seq, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!segment->head)
		slot = slot_of(segment, position);
	if (state >> TCPT_ABI_SLOT_BITS != position ||
	    __atomic_load_n(&slot->state, __ATOMIC_RELAXED) != state)
		return 0;
	return kind_of(state);
}

/*
 * An event gets its number after its slot, so programs that interrupt each other can number
 * their events in another order. Which event has the least number? All that have a slot
 * between the next one's and its own had begun when it was numbered, and were numbered later.
 * There are not more of them than programs that can interrupt each other. Returns false if
 * one was overwritten meanwhile.
 */
static bool find_oldest(struct segment *segment, uint64_t head)
{
	unsigned int seen = 0, kind = TCPT_ABI_SLOT_READY;
	uint64_t seq = 0;

	segment->oldest = 0;
	for (uint64_t at = segment->position; at < head && seen <= TCPT_ABI_SLOTS_SPARE; at++) {
		kind = look_at(segment, at, &seq);
		if (kind < TCPT_ABI_SLOT_READY)
			break;
		if (kind == TCPT_ABI_SLOT_DISCARDED)
			continue;
		seen++;
		if (!segment->oldest || seq < segment->oldest)
			segment->oldest = seq;
	}
	segment->is_settled = kind >= TCPT_ABI_SLOT_READY;
	return kind;
}

bool segment_settle(struct segment *segment)
{
	while (segment->is_lapped && !segment->is_settled) {
		if (!find_oldest(segment, segment_newest(segment)))
			is_overtaken(segment);
		else if (segment->is_settled)
			segment_see(segment);
		else
			return false;
	}
	return true;
}

void segment_ack(struct segment *segment)
{
	if (kept_position(segment) != segment->kept)
		segment->fault = "not where this reader has left it";
	else if (segment->position == segment->acked && !segment->is_faulty)
		return;
	if (segment->position != segment->acked || segment->is_faulty)
		segment->kept = segment->position;
	words_store(segment->cursors, segment->cursor, segment->kept);
	segment->acked = segment->position;
	segment->is_faulty = false;
}
