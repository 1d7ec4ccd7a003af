// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The events in a ring of slots, as the programs write it. All of them stay, for the judge. */
#include <string.h>

#include "maps.h"
#include "story.h"
#include "threads.h"
#include "truth.h"

/* The caller is about to fill the slot, in which an older record was. */
static void *take(struct tcpt_abi_slot *slot)
{
	memset(&slot->record, 0xee, sizeof(slot->record));
	return slot;
}

/* A program looks up the head of a segment to find out whether there is room. */
void *ring_lookup(uint32_t at)
{
	uint32_t cpu = at / (MODEL_SLOTS + 1), slot = at % (MODEL_SLOTS + 1);

	point();
	if (cpu >= CPUS)
		return NULL;
	if (slot)
		return take(&world.segment[cpu].slot[slot - 1]);
	if (world.segment[cpu].head.head >= MODEL_SLOTS - TCPT_ABI_SLOTS_SPARE)
		fail("the model has no room for an event");
	if (!choose(2, "the ring is full"))
		return &world.segment[cpu].head;
	world.stage.faults |= FAULT_RING;
	return NULL;
}

static const struct tcpt_abi_slot *slot_at(int at)
{
	return &world.segment[at / MODEL_SLOTS].slot[at % MODEL_SLOTS];
}

static unsigned int state_of(int at)
{
	return slot_at(at)->state & ((1 << TCPT_ABI_SLOT_BITS) - 1);
}

int judge_tap = 1; /* there is no other */

const struct tcpt_abi_event *event_next(int *at)
{
	for (; *at < CPUS * MODEL_SLOTS; ++*at)
		if (state_of(*at) == TCPT_ABI_SLOT_READY)
			return &slot_at((*at)++)->record.event;
	return NULL;
}

/* Each slot up to the head of its segment has its position, and is neither free nor busy. */
int any_event_is_unfinished(void)
{
	for (int at = 0; at < CPUS * MODEL_SLOTS; at++) {
		uint64_t position = at % MODEL_SLOTS;
		int is_used = position < world.segment[at / MODEL_SLOTS].head.head;

		if (slot_at(at)->state >> TCPT_ABI_SLOT_BITS != (is_used ? position : 0) ||
		    (is_used ? state_of(at) < TCPT_ABI_SLOT_READY : state_of(at) != 0))
			return 1;
	}
	return 0;
}
