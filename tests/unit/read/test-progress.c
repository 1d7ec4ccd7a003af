// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Losses are handed out by readers one after the other. None is missing or counted
 * twice, wherever one of them is killed.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../test.h"
#include "internal.h"
#include "read/reader.h"
#include "tcpt_abi.h"

#define CPUS 2
#define WORDS_OF_CPU (offsetof(struct tcpt_abi_cursor, position) / sizeof(__u64))
#define WORDS (CPUS * WORDS_OF_CPU)

static struct tcpt_abi_counters *counters;
static struct tcpt_abi_cursor *cursor;
static int counters_file, cursor_file;

/* The largest total of each kind, as a program that reads the lines would know it. */
static uint64_t known[CPUS][TCPT_ABI_WHERES];

static void forget_all(void)
{
	memset(counters, 0, CPUS * sizeof(*counters));
	memset(cursor, 0, CPUS * sizeof(*cursor));
	memset(known, 0, sizeof(known));
}

/* Makes a file that is like a map. */
static void *make_file(int *file, size_t size)
{
	void *at;

	*file = memfd_create("map", 0);
	if (*file < 0 || ftruncate(*file, size))
		abort();
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
	if (at == MAP_FAILED)
		abort();
	return at;
}

static struct progress open_progress(void)
{
	struct progress progress;

	progress_none(&progress, 1);
	progress.cpus = CPUS;
	if (words_open(&progress.counters, counters_file, false, sizeof(*counters), CPUS) ||
	    words_open(&progress.cursors, cursor_file, true, sizeof(*cursor), CPUS))
		abort();
	return progress;
}

static struct progress begin(void)
{
	struct progress progress = open_progress();
	enum cursor_fault fault;

	if (progress_init(&progress, &fault))
		abort();
	CHECK_INT(fault, CURSOR_GOOD);
	return progress;
}

/* Checks that the record leaves no hole behind those before it, and keeps its total. */
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

/* A reader that ends by itself has acknowledged: no loss comes again. */
static void handed_out_once(void)
{
	struct progress progress;

	forget_all();
	for (unsigned int i = 1; i < 10; i++) {
		lose_everywhere(i);
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_ABI_WHERES);
		progress_ack(&progress);
		progress_free(&progress);
		progress = begin();
		CHECK_INT(read_losses(&progress), 0);
		progress_free(&progress);
	}
	all_is_known();
}

/* Hands out an event. Returns whether there is a gap before it. */
static bool hand_out(struct progress *progress, unsigned int cpu, uint64_t seq)
{
	struct tcpt_event event = { .cpu = cpu, .seq = seq };
	bool gap = progress_skips(progress, &event);

	progress_count(progress, &event);
	return gap;
}

static void gaps(void)
{
	struct progress progress;

	forget_all();
	counters[1].seq = 7;
	progress = begin();
	CHECK_INT(hand_out(&progress, 1, 1), false);
	CHECK_INT(hand_out(&progress, 1, 3), true);
	CHECK_INT(hand_out(&progress, 1, 2), false); /* one program has interrupted another */
	CHECK_INT(hand_out(&progress, 1, 4), false);
	progress_ack(&progress);
	progress_free(&progress);
	progress = begin();
	CHECK_INT(progress_missing(&progress, 1), 3);
	CHECK_INT(hand_out(&progress, 1, 5), false);
	CHECK_INT(hand_out(&progress, 1, 7), true);
	CHECK_INT(progress_missing(&progress, 0), 0);
	CHECK_INT(progress_missing(&progress, 1), 1);
	progress_free(&progress);
}

/* Events that are neither handed out nor counted as lost are reported as a loss once. */
static void passed_over(void)
{
	struct progress progress;
	struct tcpt_event loss;

	forget_all();
	counters[0].seq = 10;
	counters[0].lost = 3;
	progress = begin();
	CHECK_INT(progress_missing(&progress, 0), 7);
	hand_out(&progress, 0, 10);
	CHECK_INT(progress_missing(&progress, 0), 6);
	progress_skip(&progress, 0, 6, &loss);
	CHECK_INT(loss.type, TCPT_EVENT_LOST);
	CHECK_INT(loss.where, TCPT_WHERE_POSITION);
	CHECK_INT(loss.cpu, 0);
	CHECK_INT(loss.count, 6);
	CHECK_INT(loss.total, 6);
	CHECK_INT(progress_missing(&progress, 0), 0);
	CHECK_INT(read_losses(&progress), 1);
	CHECK_INT(progress_missing(&progress, 0), 0);
	progress_ack(&progress);
	progress_free(&progress);
	progress = begin();
	CHECK_INT(progress_missing(&progress, 0), 0);
	hand_out(&progress, 0, 10); /* comes again */
	CHECK_INT(progress_missing(&progress, 0), -1);
	progress_forgive(&progress, 0, -1);
	CHECK_INT(progress_missing(&progress, 0), 0);
	progress_free(&progress);
}

/* What is missing in the end was overwritten too. All was, or was taken or lost, once. */
static void overwritten(void)
{
	struct progress progress;
	struct tcpt_event event;

	forget_all();
	counters[0] = (struct tcpt_abi_counters){ .seq = 100, .lost = 3 };
	for (uint64_t oldest = 91; oldest <= 191; oldest += 100) {
		progress = begin();
		CHECK(progress_overwritten(&progress, 0, oldest, &event));
		CHECK_INT(event.count, oldest == 91 ? 87 : 90);
		for (uint64_t seq = oldest; seq < oldest + 9; seq++)
			CHECK(!hand_out(&progress, 0, seq));
		progress_skip(&progress, 0, 1, &event);
		CHECK_INT(event.type == TCPT_EVENT_OVERWRITTEN ? event.total : 0,
			  oldest == 91 ? 88 : 179);
		progress_ack(&progress);
		progress_free(&progress);
		counters[0].seq += 100;
	}
}

/* The words of the cursors without the positions, with which slots.c deals. */
static __u64 *word_of(struct tcpt_abi_cursor *of, unsigned int word)
{
	return (__u64 *)&of[word / WORDS_OF_CPU] + word % WORDS_OF_CPU;
}

/* Whoever may read can write any number into each word of the cursor. */
static void forged_cursor(void)
{
	static const uint64_t numbers[] = { 0, 4, 5, 6, 1000, 1ULL << 63, UINT64_MAX };

	for (unsigned int word = 0; word < WORDS; word++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
			struct progress progress = open_progress();
			struct tcpt_event loss;
			enum cursor_fault fault;
			bool is_of_events = word % WORDS_OF_CPU == 0;

			forget_all();
			for (unsigned int cpu = 0; cpu < CPUS; cpu++)
				counters[cpu] = (struct tcpt_abi_counters){
					.seq = 5, .lost = 5, .conns_full = 5, .fails_lost = 5
				};
			*word_of(cursor, word) = numbers[i];
			CHECK_INT(progress_init(&progress, &fault), 0);
			CHECK_INT(fault, numbers[i] <= 5 ? CURSOR_GOOD :
					 is_of_events	 ? CURSOR_AHEAD :
							   CURSOR_FORGED);
			while (progress_any_loss(&progress, &loss)) {
				CHECK(loss.count <= 5);
				CHECK_INT(loss.total, 5);
			}
			progress_ack(&progress);
			for (unsigned int w = 0; w < WORDS; w++)
				CHECK(*word_of(cursor, w) <= 5);
			progress_free(&progress);
		}
	}
}

/*
 * A killed reader has made any number of its stores, in any order: all subsets of the
 * words of the cursor. The next reader still gets what was lost while the killed one
 * read, and after it.
 */
static void killed_anywhere(void)
{
	for (unsigned int made = 0; made < 1U << WORDS; made++) {
		struct tcpt_abi_cursor before[CPUS];
		struct progress progress;

		forget_all();
		counters[0].seq = 9;
		lose_everywhere(1);
		progress = begin();
		read_losses(&progress);
		progress_ack(&progress);
		lose_everywhere(4);
		hand_out(&progress, 0, 9);
		read_losses(&progress);
		memcpy(before, cursor, sizeof(before));
		progress_ack(&progress);
		for (unsigned int word = 0; word < WORDS; word++)
			if (!(made >> word & 1))
				*word_of(cursor, word) = *word_of(before, word);
		progress_free(&progress);
		lose_everywhere(2);
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_ABI_WHERES);
		all_is_known();
		progress_free(&progress);
	}
}

/* A reader is killed before any store. All that it has printed comes again. */
static void killed_before_acknowledging(void)
{
	struct progress progress;

	forget_all();
	lose_everywhere(3);
	for (int i = 0; i < 3; i++) {
		progress = begin();
		CHECK_INT(read_losses(&progress), CPUS * TCPT_ABI_WHERES);
		progress_free(&progress);
	}
	all_is_known();
}

/*
 * A reader is killed between the stores and the acknowledgement to the ring. The next
 * one reads all again, and ends before it looks. That is no forgery, and nothing is
 * missing then.
 */
static void killed_before_the_ring(void)
{
	struct progress progress = open_progress();
	enum cursor_fault fault;

	forget_all();
	counters[0].seq = 10;
	counters[0].lost = 2;
	for (int reader = 0; reader < 2; reader++) {
		struct progress each = begin();

		read_losses(&each);
		for (uint64_t seq = 1; seq <= 8; seq++)
			hand_out(&each, 0, seq);
		CHECK_INT(progress_missing(&each, 0), reader ? -8 : 0);
		progress_ack(&each);
		progress_free(&each);
	}
	CHECK_INT(progress_init(&progress, &fault), 0);
	CHECK_INT(fault, CURSOR_AHEAD);
	CHECK(progress.of[0].is_unknown);
	CHECK(!progress.of[1].is_unknown);
	CHECK_INT(read_losses(&progress), 0);
	progress_forgive(&progress, 0, progress_missing(&progress, 0));
	CHECK(!progress.of[0].is_unknown);
	CHECK_INT(progress_missing(&progress, 0), 0);
	progress_ack(&progress);
	progress_free(&progress);
	progress = begin();
	CHECK_INT(progress_missing(&progress, 0), 0);
	progress_free(&progress);
}

/* The pace goes from 10 ms down to 1 ms while much comes, and back. */
static void pace(void)
{
	const uint64_t ms = 1000000;

	CHECK_INT(reader_wait_pace(0, 0, 4096), 10 * ms);
	CHECK_INT(reader_wait_pace(10 * ms, 512, 4096), 10 * ms);
	CHECK_INT(reader_wait_pace(10 * ms, 513, 4096), 5 * ms);
	CHECK_INT(reader_wait_pace(1500000, 4096, 4096), 1 * ms);
	CHECK_INT(reader_wait_pace(1 * ms, 4096, 4096), 1 * ms);
	CHECK_INT(reader_wait_pace(1 * ms, 0, 4096), 2 * ms);
	CHECK_INT(reader_wait_pace(8 * ms, 0, 4096), 10 * ms);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(each_kind_on_each_cpu),
		TEST(handed_out_once),
		TEST(gaps),
		TEST(passed_over),
		TEST(overwritten),
		TEST(forged_cursor),
		TEST(killed_anywhere),
		TEST(killed_before_acknowledging),
		TEST(killed_before_the_ring),
		TEST(pace),
	};

	counters = make_file(&counters_file, CPUS * sizeof(*counters));
	cursor = make_file(&cursor_file, CPUS * sizeof(*cursor));
	return run_tests(tests, ARRAY_SIZE(tests));
}
