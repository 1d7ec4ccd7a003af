// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The reader of a ring of slots: the order of events, slots that are being written, and
 * positions that another process has written. The ring is a file that looks like the map.
 */
#include "../test.h"
#include "base/monotonic.h"
#include "internal.h"
#include "segments.h"

/* Puts a record of that time into the next slot. Returns its position. */
static uint64_t put(unsigned int cpu, uint64_t ts, unsigned int state)
{
	return segments_put(cpu, ts, segments_made + 1, state);
}

static void in_order(void)
{
	struct slots *slots;

	segments_make();
	put(0, 30, TCPT_ABI_SLOT_READY);
	put(0, 60, TCPT_ABI_SLOT_READY);
	put(1, 10, TCPT_ABI_SLOT_READY);
	put(1, 50, TCPT_ABI_SLOT_DISCARDED);
	put(1, 70, TCPT_ABI_SLOT_READY);
	put(2, 5, TCPT_ABI_SLOT_DISCARDED);
	slots = segments_open();
	CHECK_INT(slots_waiting(slots), 6 * sizeof(struct tcpt_abi_slot));
	CHECK_INT(segments_next(slots), 10);
	CHECK_INT(segments_next(slots), 30);
	slots_back(slots);
	CHECK_INT(segments_next(slots), 30);
	CHECK(!slots_is_taken(slots));
	CHECK_INT(segments_next(slots), 60);
	CHECK_INT(segments_next(slots), 70);
	segments_expect_none(slots);
	CHECK(slots_is_taken(slots) && !slots_is_drained(slots));
	CHECK_INT(*segments_position(1), 0);
	slots_ack(slots);
	CHECK(slots_is_drained(slots));
	CHECK_INT(*segments_position(0), FIRST + 2);
	CHECK_INT(*segments_position(1), FIRST + 3);
	CHECK_INT(*segments_position(2), FIRST + 1);
	CHECK_INT(segments_cursors[0].position[0], 0);
	slots_close(slots);
	slots = segments_open();
	segments_expect_none(slots);
	slots_close(slots);
	segments_drop();
}

/* The reader takes nothing that was written after what is still being written. */
static void busy(void)
{
	struct slots *slots;
	uint64_t position;

	segments_make();
	put(0, 10, TCPT_ABI_SLOT_READY);
	position = put(1, 20, TCPT_ABI_SLOT_BUSY);
	put(2, 30, TCPT_ABI_SLOT_READY);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 10);
	segments_expect_none(slots);
	CHECK(!slots_is_taken(slots));
	segments_set_state(1, position, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), 20);
	CHECK_INT(segments_next(slots), 30);
	position = put(0, 40, TCPT_ABI_SLOT_BUSY);
	put(1, 50, TCPT_ABI_SLOT_READY);
	segments_expect_none(slots);
	segments_set_state(0, position, TCPT_ABI_SLOT_DISCARDED);
	CHECK_INT(segments_next(slots), 50);
	segments_expect_none(slots);
	slots_close(slots);
	segments_drop();
}

/* What comes after the look waits for the next one, and comes in order too. */
static void later(void)
{
	uint64_t now = monotonic_kernel_ns(), hour = 3600ULL * 1000000000;
	struct slots *slots;

	segments_make();
	put(0, now, TCPT_ABI_SLOT_READY);
	put(0, now + hour, TCPT_ABI_SLOT_READY);
	slots = segments_open();
	CHECK_INT(segments_next(slots), now);
	put(1, now + 2, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), now + 2);
	put(2, now + 2 * hour, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), now + hour);
	CHECK_INT(segments_next(slots), now + 2 * hour);
	segments_expect_none(slots);
	slots_close(slots);
	segments_drop();
}

/* Over and over through the slots, as programs and a reader do in turn. */
static void many_rounds(void)
{
	struct slots *slots;
	uint64_t ts = 0, acked;

	segments_make();
	slots = segments_open();
	acked = slots_acked(slots);
	for (int round = 0; round < 100; round++) {
		unsigned int count = 1 + round % SLOTS;

		for (unsigned int i = 0; i < count; i++)
			put(round % CPUS, ts + 1 + i, TCPT_ABI_SLOT_READY);
		for (unsigned int i = 0; i < count; i++)
			CHECK_INT(segments_next(slots), ++ts);
		segments_expect_none(slots);
		slots_ack(slots);
	}
	CHECK_INT(slots_acked(slots) - acked, segments_made * sizeof(struct tcpt_abi_slot));
	CHECK_INT(slots_waiting(slots), 0);
	slots_close(slots);
	segments_drop();
}

/* Opens at that position of the first processor, which has 40 records. */
static struct slots *open_at(uint64_t position)
{
	segments_made = 0;
	segments_head(0)->head = FIRST;
	for (uint64_t ts = 1; ts <= 40; ts++)
		put(0, ts, TCPT_ABI_SLOT_READY);
	*segments_position(0) = position;
	return segments_open();
}

static void positions(void)
{
	static const struct {
		uint64_t position;
		const char *fault;
		uint64_t next;
	} cases[] = {
		{ FIRST + 40, NULL, 0 },
		{ FIRST + 39, NULL, 40 },
		{ FIRST + 24, NULL, 25 },
		{ FIRST + 23, "further back than the ring goes", 0 },
		{ FIRST, "further back than the ring goes", 0 },
		{ 0, "further back than the ring goes", 0 },
		{ FIRST + 41, "ahead of the newest event", 0 },
		{ FIRST + (1UL << TCPT_ABI_FIRST) - 1, "ahead of the newest event", 0 },
		{ (NUMBER + 1) << TCPT_ABI_FIRST, NULL, 0 }, /* the reader of the next ring */
		{ (NUMBER + 2) << TCPT_ABI_FIRST, "ahead of the newest event", 0 },
		{ -1UL, "ahead of the newest event", 0 },
	};

	segments_make();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slots *slots = open_at(cases[i].position);

		segments_expect_fault(slots, cases[i].fault);
		CHECK_INT(segments_next(slots), cases[i].next);
		slots_ack(slots);
		if (!cases[i].next)
			CHECK_INT(*segments_position(0),
				  cases[i].fault ? FIRST + 40 : cases[i].position);
		if (cases[i].next != 25) {
			segments_expect_none(slots);
			put(0, 41, TCPT_ABI_SLOT_READY);
			CHECK_INT(segments_next(slots), 41);
		}
		slots_close(slots);
	}
	segments_drop();
}

/* A position that was moved has let the programs go on over what the reader has not taken. */
static void overtaken(void)
{
	struct slots *slots;

	segments_make();
	put(0, 1, TCPT_ABI_SLOT_READY);
	put(1, 2, TCPT_ABI_SLOT_READY);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 1);
	for (uint64_t ts = 3; ts < 3 + 2 * SLOTS; ts++)
		put(1, ts, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), 0);
	CHECK_STR(slots_fault(slots), "not where this reader has left it");
	put(1, 100, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), 100);
	segments_expect_none(slots);
	slots_close(slots);
	segments_drop();
}

/* One that was moved while nothing was to be read would let the programs find no room. */
static void moved(void)
{
	struct slots *slots;

	segments_make();
	*segments_position(2) = (NUMBER + 1) << TCPT_ABI_FIRST; /* the reader of the next ring */
	put(0, 1, TCPT_ABI_SLOT_READY);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 1);
	slots_ack(slots);
	CHECK(!slots_fault(slots));
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		uint64_t position = *segments_position(cpu);

		*segments_position(cpu) = 0;
		slots_ack(slots);
		CHECK_INT(*segments_position(cpu), position);
		if (position) /* it was no move */
			CHECK_STR(slots_fault(slots), "not where this reader has left it");
		segments_expect_none(slots);
	}
	put(1, 2, TCPT_ABI_SLOT_READY);
	CHECK_INT(segments_next(slots), 2);
	slots_close(slots);
	segments_drop();
}

static void sizes(void)
{
	size_t slot = sizeof(struct tcpt_abi_slot);

	CHECK_INT(slots_layout_round(1, 4, 1), TCPT_ABI_SLOTS_LEAST);
	CHECK_INT(slots_layout_round(256 * slot, 4, 1), 64);
	CHECK_INT(slots_layout_round(256 * slot + 1, 4, 1), 128);
	CHECK_INT(slots_layout_round(256 * slot + 1, 2, 2), 128);
	CHECK_INT(slots_layout_round(0, 2, 1), 32768);
	CHECK_INT(slots_layout_round(0, 1024, 1), 2048);
	CHECK_INT(slots_layout_entries(&segments_layout), CPUS * (SLOTS + 1));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(in_order),	 TEST(busy),	  TEST(later), TEST(many_rounds),
		TEST(positions), TEST(overtaken), TEST(moved), TEST(sizes),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
