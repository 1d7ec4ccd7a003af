// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A segment of a ring of slots: its position, and the record there. */
#include "internal.h"
#include "maps/segment.h"

uint64_t segment_newest(const struct segment *segment)
{
	return __atomic_load_n(&segment->head->head, __ATOMIC_ACQUIRE);
}

/* Returns true if the position can be that of a reader which has read a later ring. */
static bool is_in_later_ring(const struct segment *segment, uint64_t position, uint32_t newest)
{
	uint64_t ring = position >> TCPT_ABI_FIRST;

	return ring > segment->head->first >> TCPT_ABI_FIRST && ring <= newest;
}

void segment_open(struct segment *segment, uint32_t newest)
{
	uint64_t position = __atomic_load_n(segment->cursor, __ATOMIC_ACQUIRE);
	uint64_t end = segment_newest(segment);

	segment->kept = position;
	segment->slots = (const struct tcpt_abi_slot *)segment->head + 1;
	segment->ts = segment->end = SEGMENT_NONE;
	if (position < segment->head->first)
		position = segment->head->first;
	if (position <= end && end - position > segment->mask + 1)
		segment->fault = "further back than the ring goes";
	else if (position > end && !is_in_later_ring(segment, position, newest))
		segment->fault = "ahead of the newest event";
	segment->is_faulty = segment->fault;
	segment->position = segment->acked = segment->fault || position > end ? end : position;
}

static const struct tcpt_abi_slot *slot_of(const struct segment *segment)
{
	return &segment->slots[segment->position & segment->mask];
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

bool segment_take(struct segment *segment, struct tcpt_abi_close *record)
{
	const struct tcpt_abi_slot *slot = slot_of(segment);
	uint64_t state = segment->position << TCPT_ABI_SLOT_BITS | TCPT_ABI_SLOT_READY;

	memcpy(record, &slot->record, sizeof(*record));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&slot->state, __ATOMIC_RELAXED) != state) {
		skip(segment);
		return false;
	}
	segment->position++;
	segment_see(segment);
	return true;
}

void segment_ack(struct segment *segment)
{
	if (__atomic_load_n(segment->cursor, __ATOMIC_ACQUIRE) != segment->kept)
		segment->fault = "not where this reader has left it";
	else if (segment->position == segment->acked && !segment->is_faulty)
		return;
	if (segment->position != segment->acked || segment->is_faulty)
		segment->kept = segment->position;
	__atomic_store_n(segment->cursor, segment->kept, __ATOMIC_RELEASE);
	segment->acked = segment->position;
	segment->is_faulty = false;
}
