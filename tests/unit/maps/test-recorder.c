// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The reader of a flight recorder: where it goes on when the programs have gone on over what
 * it has not read, and how it knows how much that was.
 */
#include "../test.h"
#include "internal.h"
#include "segments.h"

#define READY TCPT_ABI_SLOT_READY

/* Puts records of which time and number are the same. */
static void put(unsigned int i, uint64_t from, uint64_t to)
{
	for (uint64_t seq = from; seq <= to; seq++)
		segments_put(i, seq, seq, READY);
}

static void begin(uint32_t levels)
{
	segments_layout.is_recorder = true;
	segments_layout.levels = levels;
	segments_make();
}

static void end(struct slots *slots)
{
	slots_close(slots);
	segments_drop();
}

/* Expects that something was overwritten, as is reported once. oldest is 0: nothing was. */
static void expect_overwritten(struct slots *slots, unsigned int cpu, uint64_t oldest)
{
	uint64_t reported = 0;

	CHECK_INT(slots_overwritten(slots, cpu, &reported), oldest != 0);
	CHECK_INT(reported, oldest);
	CHECK(!slots_overwritten(slots, cpu, &reported));
}

static void expect_records(struct slots *slots, uint64_t from, uint64_t to)
{
	for (uint64_t seq = from; seq <= to; seq++)
		CHECK_INT(segments_next(slots), seq);
}

static void newest_stay(void)
{
	struct slots *slots;

	begin(1);
	put(0, 1, 40);
	put(1, 41, 56);
	slots = segments_open();
	CHECK(slots_is_recorder(slots));
	CHECK_INT(slots_waiting(slots), 2 * SLOTS * sizeof(struct tcpt_abi_slot));
	CHECK_INT(segments_next(slots), 25);
	expect_overwritten(slots, 0, 25);
	expect_overwritten(slots, 1, 0);
	slots_back(slots);
	expect_records(slots, 25, 56);
	segments_expect_none(slots);
	expect_overwritten(slots, 0, 0);
	CHECK(slots_is_taken(slots) && !slots_is_drained(slots));
	slots_ack(slots);
	CHECK(slots_is_drained(slots));
	CHECK_INT(*segments_position(0), FIRST + 40);
	slots_close(slots);
	slots = segments_open();
	segments_expect_none(slots);
	expect_overwritten(slots, 0, 0);
	put(0, 57, 57);
	CHECK_INT(segments_next(slots), 57);
	end(slots);
}

/* The reader is somewhere, and the programs go on over it. */
static void overtaken(void)
{
	struct slots *slots;

	begin(1);
	put(0, 1, 3);
	slots = segments_open();
	expect_records(slots, 1, 2);
	expect_overwritten(slots, 0, 0);
	put(0, 4, 40);
	CHECK_INT(segments_next(slots), 25);
	expect_overwritten(slots, 0, 25);
	CHECK(!slots_fault(slots));
	put(0, 41, 44); /* over the one that goes back, and three more */
	slots_back(slots);
	CHECK_INT(segments_next(slots), 29);
	expect_overwritten(slots, 0, 29);
	expect_records(slots, 30, 44);
	segments_expect_none(slots);
	for (uint64_t round = 0; round < 100; round++) {
		uint64_t first = 45 + 50 * round;

		put(0, first, first + 49);
		CHECK_INT(segments_next(slots), first + 34);
		expect_overwritten(slots, 0, first + 34);
		slots_ack(slots);
		expect_records(slots, first + 35, first + 49);
		segments_expect_none(slots);
	}
	end(slots);
}

/* Programs that interrupt each other number their events in another order. */
static void numbers_in_disorder(void)
{
	struct slots *slots;

	begin(1);
	put(0, 1, 4);
	segments_put(0, 5, 8, READY);
	segments_put(0, 6, 6, TCPT_ABI_SLOT_DISCARDED);
	segments_put(0, 7, 5, READY); /* and not 6 */
	segments_put(0, 8, 7, READY);
	put(0, 9, 20);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 5);
	expect_overwritten(slots, 0, 5);
	CHECK_INT(segments_next(slots), 7);
	expect_records(slots, 8, 20);
	segments_expect_none(slots);
	end(slots);
}

/* A program is still writing one of the records that decide what the oldest number is. */
static void busy(void)
{
	struct slots *slots;
	uint64_t position;

	begin(1);
	put(0, 1, 8);
	position = segments_put(0, 9, 0, TCPT_ABI_SLOT_BUSY);
	put(0, 10, 20);
	slots = segments_open();
	segments_expect_none(slots);
	segments_slot(0, position)->record.event.seq = 3;
	segments_set_state(0, position, READY);
	CHECK_INT(segments_next(slots), 5);
	expect_overwritten(slots, 0, 3);
	expect_records(slots, 6, 20);
	segments_expect_none(slots);
	end(slots);
}

/* A program was preempted before its record was complete, until its slot was due again. */
static void held(void)
{
	struct tcpt_abi_slot *slot;
	struct slots *slots;
	uint64_t position;

	begin(1);
	put(0, 1, 1);
	position = segments_put(0, 2, 2, TCPT_ABI_SLOT_BUSY);
	put(0, 3, SLOTS + 1);
	slot = segments_slot(0, position);
	segments_head(0)->head++; /* the position of one that finds the slot held */
	segments_set_state(0, position + SLOTS, TCPT_ABI_SLOT_HELD | TCPT_ABI_SLOT_BUSY);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 3);
	expect_overwritten(slots, 0, 3);
	expect_records(slots, 4, SLOTS + 1);
	segments_expect_none(slots);
	put(0, 18, 20);
	expect_records(slots, 18, 20);
	slot->state += READY - TCPT_ABI_SLOT_BUSY;
	CHECK_INT(slot->state >> TCPT_ABI_SLOT_BITS, position + SLOTS);
	put(0, 21, 21 + SLOTS);
	CHECK_INT(segments_next(slots), 22);
	expect_records(slots, 23, 21 + SLOTS);
	segments_expect_none(slots);
	end(slots);
}

/* Nobody else's position makes the reader take what is not there. */
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
		{ FIRST + 23, NULL, 25 },
		{ FIRST, NULL, 25 },
		{ 0, NULL, 25 },
		{ FIRST + 41, "ahead of the newest event", 0 },
		{ (NUMBER + 1) << TCPT_ABI_FIRST, NULL, 0 },
		{ -1UL, "ahead of the newest event", 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slots *slots;

		begin(1);
		put(0, 1, 40);
		*segments_position(0) = cases[i].position;
		slots = segments_open();
		segments_expect_fault(slots, cases[i].fault);
		if (cases[i].next)
			expect_records(slots, cases[i].next, 40);
		segments_expect_none(slots);
		put(0, 41, 41);
		CHECK_INT(segments_next(slots), 41);
		end(slots);
	}
}

/*
 * Where programs of two levels have segments of their own, one of these may have records that
 * are older than what is left in the other. A gap would be before them.
 */
static void levels(void)
{
	struct slots *slots;

	begin(2);
	segments_put(1, 3, 3, READY);
	put(0, 1, 2);
	put(0, 4, 20);
	segments_put(1, 21, 21, READY);
	put(0, 22, 23);
	put(2, 24, 25);
	slots = segments_open();
	CHECK_INT(segments_next(slots), 7);
	expect_overwritten(slots, 0, 7);
	expect_records(slots, 8, 25);
	expect_overwritten(slots, 1, 0);
	segments_expect_none(slots);
	end(slots);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(newest_stay), TEST(overtaken), TEST(numbers_in_disorder),
		TEST(busy),	   TEST(held),	    TEST(positions),
		TEST(levels),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
