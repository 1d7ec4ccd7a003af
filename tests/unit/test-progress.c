// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which losses are handed out by readers one after the other, and that none is
 * missing or counted twice wherever one of them is killed.
 */
#include <stdlib.h>

#include "progress.h"
#include "tcpt_abi.h"
#include "test.h"

#define CPUS 2
#define WORDS (CPUS * sizeof(struct tcpt_abi_cursor) / sizeof(__u64))

static struct tcpt_abi_counters counters[CPUS];
static struct tcpt_abi_cursor cursor[CPUS];

/* As who reads the lines reckons it: the largest total of each kind. */
static uint64_t known[CPUS][TCPT_WHERES];

static void forget_all(void)
{
	memset(counters, 0, sizeof(counters));
	memset(cursor, 0, sizeof(cursor));
	memset(known, 0, sizeof(known));
}

static struct progress begin(void)
{
	struct progress progress = { .cpus = CPUS, .cursor = cursor, .counters = counters };

	if (progress_init(&progress))
		abort();
	return progress;
}

/* No record leaves a hole behind those before it. */
static void reckon(const struct tcpt_event *loss)
{
	uint64_t *total = &known[loss->cpu][loss->where];

	CHECK_INT(loss->type, TCPT_EVENT_LOST);
	CHECK(loss->count > 0);
	CHECK(loss->total - loss->count <= *total);
	if (loss->total > *total)
		*total = loss->total;
}

static unsigned int read_losses(struct progress *progress)
{
	struct tcpt_event loss;
	unsigned int n = 0;

	for (; progress_any_loss(progress, &loss); n++)
		reckon(&loss);
	return n;
}

static void lose_everywhere(unsigned int count)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		counters[cpu].lost += count + cpu;
		counters[cpu].conns_full += 2 * count + cpu;
		counters[cpu].fails_lost += 3 * count + cpu;
	}
}

static void all_is_known(void)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		CHECK_INT(known[cpu][TCPT_WHERE_RING], counters[cpu].lost);
		CHECK_INT(known[cpu][TCPT_WHERE_CONNS], counters[cpu].conns_full);
		CHECK_INT(known[cpu][TCPT_WHERE_PENDING], counters[cpu].fails_lost);
	}
}

static void each_kind_on_each_cpu(void)
{
	struct progress progress;
	struct tcpt_event loss;

	forget_all();
	progress = begin();
	CHECK_INT(progress_any_loss(&progress, &loss), false);
	counters[1].fails_lost = 5;
	CHECK_INT(progress_loss(&progress, 0, TCPT_WHERE_PENDING, &loss), false);
	CHECK_INT(progress_loss(&progress, 1, TCPT_WHERE_RING, &loss), false);
	CHECK_INT(progress_any_loss(&progress, &loss), true);
	CHECK_INT(loss.cpu, 1);
	CHECK_INT(loss.where, TCPT_WHERE_PENDING);
	CHECK_INT(loss.count, 5);
	CHECK_INT(loss.total, 5);
	CHECK_INT(progress_any_loss(&progress, &loss), false);
	counters[1].fails_lost = 7;
	CHECK_INT(progress_any_loss(&progress, &loss), true);
	CHECK_INT(loss.count, 2);
	CHECK_INT(loss.total, 7);
	progress_free(&progress);
}

/* One that ends by itself has acknowledged: nothing comes again. */
static void told_once(void)
{
	struct progress progress;

	forget_all();
	for (unsigned int i = 1; i < 10; i++) {
		lose_everywhere(i);
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_WHERES);
		progress_ack(&progress);
		progress_free(&progress);
		progress = begin();
		CHECK_INT(read_losses(&progress), 0);
		progress_free(&progress);
	}
	all_is_known();
}

static void gaps(void)
{
	struct tcpt_event event = { .cpu = 1, .seq = 1 };
	struct progress progress;

	forget_all();
	progress = begin();
	CHECK_INT(progress_skips(&progress, &event), false);
	event.seq = 3;
	CHECK_INT(progress_skips(&progress, &event), true);
	event.seq = 2; /* one program has interrupted another */
	CHECK_INT(progress_skips(&progress, &event), false);
	event.seq = 4;
	CHECK_INT(progress_skips(&progress, &event), false);
	progress_ack(&progress);
	progress_free(&progress);
	progress = begin();
	event.seq = 4; /* comes again: the ring was not acknowledged */
	CHECK_INT(progress_skips(&progress, &event), false);
	event.seq = 5;
	CHECK_INT(progress_skips(&progress, &event), false);
	event.seq = 7;
	CHECK_INT(progress_skips(&progress, &event), true);
	progress_free(&progress);
}

/*
 * A reader that is killed has made some of its stores, as many as it may, in
 * whichever order: all subsets of the words of the cursor. What was lost while
 * it read, and after it, is known all the same, and by the next reader.
 */
static void killed_anywhere(void)
{
	struct tcpt_event event = { .cpu = 0 };

	for (unsigned int made = 0; made < 1U << WORDS; made++) {
		struct tcpt_abi_cursor before[CPUS];
		struct progress progress;

		forget_all();
		lose_everywhere(1);
		progress = begin();
		read_losses(&progress);
		progress_ack(&progress);
		lose_everywhere(4);
		event.seq = 9;
		progress_skips(&progress, &event);
		read_losses(&progress);
		memcpy(before, cursor, sizeof(before));
		progress_ack(&progress);
		for (unsigned int word = 0; word < WORDS; word++)
			if (!(made >> word & 1))
				((__u64 *)cursor)[word] = ((__u64 *)before)[word];
		progress_free(&progress);
		lose_everywhere(2);
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_WHERES);
		all_is_known();
		progress_free(&progress);
	}
}

/* The same, but before any store: all that it has printed comes again. */
static void killed_before_acknowledging(void)
{
	struct progress progress;

	forget_all();
	lose_everywhere(3);
	for (int i = 0; i < 3; i++) {
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_WHERES);
		progress_free(&progress);
	}
	all_is_known();
}

int main(void)
{
	static const struct test tests[] = {
		TEST(each_kind_on_each_cpu), TEST(told_once),
		TEST(gaps),		     TEST(killed_anywhere),
		TEST(killed_before_acknowledging),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
