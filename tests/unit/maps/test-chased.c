// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A reader of a flight recorder that is chased by programs, which are threads here. It takes
 * no record that was being written, none twice, and knows how many were overwritten.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "../test.h"
#include "internal.h"
#include "segments.h"
#include "writer.h"

#define WRITES 200000 /* of each thread */
#define SEEN_MOST (4 * WRITES)

static uint64_t numbers[CPUS]; /* given to events, */
static uint64_t lost[CPUS]; /* those of lost ones among them */
static uint8_t seen[CPUS][SEEN_MOST + 1];
static uint64_t taken[CPUS], overwritten;

static __u64 number(unsigned int cpu)
{
	return __atomic_add_fetch(&numbers[cpu], 1, __ATOMIC_SEQ_CST);
}

static void *write_records(void *arg)
{
	unsigned int cpu = *(unsigned int *)arg;

	writer_begin(cpu);
	for (int i = 0; i < WRITES; i++) {
		if (!writer_write(number, i % 7 == 3))
			__atomic_add_fetch(&lost[cpu], 1, __ATOMIC_SEQ_CST);
		if (i % 1000 == 0)
			sched_yield();
	}
	return NULL;
}

/* Each member of a record is made of its number. */
static bool is_whole(const struct tcpt_abi_event *event)
{
	const __u64 *members = &event->id,
		    *end = (const __u64 *)((struct tcpt_abi_close *)event + 1);

	for (unsigned int i = 0; members + i < end; i++)
		if (members[i] != writer_mix(event->seq, i))
			return false;
	return true;
}

static void check(const struct tcpt_abi_event *event, size_t size)
{
	bool is_known = event->cpu < CPUS && event->seq >= 1 && event->seq <= SEEN_MOST;

	if (size != sizeof(struct tcpt_abi_close) || !is_known || !is_whole(event)) {
		FAIL("a record of cpu %u, number %llu is not whole", event->cpu,
		     (unsigned long long)event->seq);
		return;
	}
	if (seen[event->cpu][event->seq]++)
		FAIL("number %llu of cpu %u comes twice", (unsigned long long)event->seq,
		     event->cpu);
	taken[event->cpu]++;
}

/* Takes what is there. */
static void read_records(struct slots *slots)
{
	const struct tcpt_abi_event *event;
	uint64_t oldest;
	size_t size;

	while (failed_checks < 10 && (event = slots_next(slots, &size))) {
		struct tcpt_abi_close record = *(const struct tcpt_abi_close *)event;

		overwritten += slots_overwritten(slots, record.event.cpu, &oldest);
		check(&record.event, size);
	}
	CHECK(!slots_fault(slots));
	slots_ack(slots);
}

/* What is left in the end are the last records of each processor. */
static void check_end(unsigned int threads)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		uint64_t tail = 0;

		CHECK(taken[cpu] + lost[cpu] <= numbers[cpu]);
		for (uint64_t seq = numbers[cpu]; seq && seen[cpu][seq]; seq--)
			tail++;
		if (threads == 1)
			CHECK(tail >= (segments_layout.slots * 6 + 6) / 7 - 1);
		if (threads == 1)
			CHECK_INT(lost[cpu], 0);
	}
}

static struct slots *begin(uint32_t slots_of_segment)
{
	memset(numbers, 0, sizeof(numbers));
	memset(lost, 0, sizeof(lost));
	memset(taken, 0, sizeof(taken));
	memset(seen, 0, sizeof(seen));
	overwritten = 0;
	segments_layout = (struct slots_layout){ CPUS, 1, slots_of_segment, true };
	segments_make();
	writer_ring = segments_head(0);
	writer_slots = slots_of_segment;
	writer_cpus = CPUS;
	return segments_open();
}

static void chase(unsigned int threads, uint32_t slots_of_segment)
{
	pthread_t thread[CPUS * 4];
	unsigned int cpu[CPUS * 4], n = 0;
	struct slots *slots = begin(slots_of_segment);

	for (; n < CPUS * threads; n++) {
		cpu[n] = n % CPUS;
		if (pthread_create(&thread[n], NULL, write_records, &cpu[n]))
			abort();
	}
	while (__atomic_load_n(&numbers[0], __ATOMIC_RELAXED) < WRITES / 2 && failed_checks < 10)
		read_records(slots);
	while (n--)
		pthread_join(thread[n], NULL);
	read_records(slots);
	read_records(slots);
	CHECK(slots_is_drained(slots));
	check_end(threads);
	printf("%u threads a processor: %llu of %llu records taken, overtaken %llu times, "
	       "%llu lost\n",
	       threads, (unsigned long long)(taken[0] + taken[1] + taken[2]),
	       (unsigned long long)(numbers[0] + numbers[1] + numbers[2]),
	       (unsigned long long)overwritten, (unsigned long long)(lost[0] + lost[1] + lost[2]));
	CHECK(overwritten > 0);
	slots_close(slots);
	segments_drop();
}

/* Only one program runs on each processor. */
static void alone(void)
{
	chase(1, 32);
}

static void alone_in_a_large_one(void)
{
	chase(1, 1024);
}

/* They preempt each other all the time, so that slots are held. */
static void preempted(void)
{
	chase(2, 32);
	chase(3, 64);
}

/* Returns the number of records that were lost of that many. */
static int write_many(int count)
{
	int n = 0;

	while (count--)
		n += !writer_write(number, 0);
	return n;
}

/*
 * A program is preempted while others go over all slots, more than once. Nobody writes into
 * its slot, and each time one event is lost. What it has written last is overwritten then.
 */
static void held(void)
{
	for (int discards = 0; discards < 2; discards++) {
		struct slots *slots = begin(32);
		struct tcpt_abi_event *event;

		writer_begin(1);
		CHECK_INT(write_many(40), 0);
		event = writer_reserve();
		event->cookie = 4711;
		CHECK_INT(write_many(31), 0);
		CHECK_INT(write_many(1), 1);
		read_records(slots); /* 31 from the 41st on */
		CHECK_INT(taken[1], 31);
		CHECK_INT(write_many(96), 3);
		CHECK_INT(event->cookie, 4711);
		writer_submit(event, number, discards);
		CHECK_INT(write_many(31), 0);
		CHECK_INT(write_many(33), 0);
		read_records(slots);
		CHECK_INT(taken[1], 31 + 32);
		CHECK_INT(numbers[1], 40 + 32 + 96 + 64 + !discards);
		for (uint64_t seq = numbers[1]; seq > numbers[1] - 32; seq--)
			CHECK_INT(seen[1][seq], 1);
		slots_close(slots);
		segments_drop();
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(alone),
		TEST(alone_in_a_large_one),
		TEST(preempted),
		TEST(held),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
