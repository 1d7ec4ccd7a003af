// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A segment of a ring of slots: its position, and the record there. The slots are memory, or
 * before Linux 5.5 are looked up. A look-up copies a slot word after word. The program may
 * write it meanwhile, so what it has copied beside the state is not believed yet.
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

static void go_to(struct segment *segment, uint64_t position, uint64_t end, uint32_t newest)
{
	segment->kept = position;
	segment->ts = segment->end = SEGMENT_NONE;
	if (position < segment->first)
		position = segment->first;
	if (position <= end && end - position > segment->mask + 1)
		segment->fault = "further back than the ring goes";
	else if (position > end && !is_in_later_ring(segment, position, newest))
		segment->fault = "ahead of the newest event";
	segment->is_faulty = segment->fault;
	segment->position = segment->acked = segment->fault || position > end ? end : position;
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

/* Returns the slot of the next record as it is now. */
static const struct tcpt_abi_slot *slot_of(struct segment *segment)
{
	uint32_t at = 1 + (segment->position & segment->mask);

	if (segment->head)
		return (const struct tcpt_abi_slot *)segment->head + at;
	if (look_up(segment, at, &segment->seen))
		segment->seen.state = 0;
	return &segment->seen;
}

/* Goes on behind the newest record. */
static void skip(struct segment *segment)
{
	segment->fault = "not where this reader has left it";
	segment->position = segment_newest(segment);
	segment->ts = SEGMENT_NONE;
}

unsigned int segment_see(struct segment *segment)
{
	for (;;) {
		const struct tcpt_abi_slot *slot = slot_of(segment);
		uint64_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
		uint64_t position = state >> TCPT_ABI_SLOT_BITS;

		segment->ts = SEGMENT_NONE;
		state -= position << TCPT_ABI_SLOT_BITS;
		if (!state || position < segment->position || segment->position >= segment->end)
			return 0;
		if (position > segment->position) {
			skip(segment);
			return 0;
		}
		if (state != TCPT_ABI_SLOT_DISCARDED) {
			segment->ts = __atomic_load_n(&slot->record.event.ts, __ATOMIC_RELAXED);
			return state;
		}
		segment->position++;
	}
}

/*
 * Copies the record. Returns whether it was there from the beginning of the copy to its end.
 * It was ready before this begins, as segment_see() has seen.
 */
static bool copy(struct segment *segment, struct tcpt_abi_close *record)
{
	const struct tcpt_abi_slot *slot = slot_of(segment);
	uint64_t state = segment->position << TCPT_ABI_SLOT_BITS | TCPT_ABI_SLOT_READY;

	memcpy(record, &slot->record, sizeof(*record));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!segment->head)
		slot = slot_of(segment);
	return __atomic_load_n(&slot->state, __ATOMIC_RELAXED) == state;
}

bool segment_take(struct segment *segment, struct tcpt_abi_close *record)
{
	if (!copy(segment, record)) {
		skip(segment);
		return false;
	}
	segment->position++;
	segment_see(segment);
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
