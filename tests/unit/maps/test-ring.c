// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The reader of a ring whose position another process has written. Only records that
 * the kernel has made are handed out. The ring is a file with the pages and the headers
 * that the kernel's ring has.
 */
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../rng.h"
#include "../test.h"
#include "internal.h"
#include "maps/ring.h"
#include "tcpt_abi.h"

#define SIZE 16384
#define EVENT sizeof(struct tcpt_abi_event)
#define CLOSE sizeof(struct tcpt_abi_close)

static int file = -1;
static size_t page;
static unsigned char *pages;
static unsigned long newest; /* the producer's position */
static unsigned long begins[1 << 16]; /* where records begin, in order, and their end */
static unsigned int made;

/* ---- a ring ---- */

static void make_ring(void)
{
	page = sysconf(_SC_PAGESIZE);
	file = memfd_create("ring", 0);
	if (file < 0 || ftruncate(file, 2 * page + 2 * SIZE))
		abort();
	pages = mmap(NULL, 2 * page + 2 * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (pages == MAP_FAILED)
		abort();
	newest = made = begins[0] = 0;
}

static void drop_ring(void)
{
	munmap(pages, 2 * page + 2 * SIZE);
	close(file);
}

static void set_consumer(unsigned long position)
{
	*(unsigned long *)pages = position;
}

static unsigned long consumer(void)
{
	return *(unsigned long *)pages;
}

/* Writes data to both places at which it is mapped. */
static void put_at(unsigned long position, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t at = (position + i) % SIZE;

		pages[2 * page + at] = pages[2 * page + SIZE + at] =
			((const unsigned char *)data)[i];
	}
}

static void put_header(unsigned long position, uint32_t length)
{
	uint32_t header[2] = { length, 3 + position % SIZE / page };

	put_at(position, header, sizeof(header));
}

/* Puts a record into the ring. Most of its content is chosen by whoever may open connections. */
static void put_record(size_t size, uint32_t flags, const void *content, bool tail)
{
	struct tcpt_abi_close record;

	memcpy(&record, content, sizeof(record));
	record.event.size = size;
	record.event.version = TCPT_ABI_VERSION;
	record.event.type = size == CLOSE ? TCPT_ABI_CLOSE : TCPT_ABI_CONNECT;
	record.event.cpu = 0;
	record.event.seq = made + 1;
	if (tail)
		((unsigned char *)&record)[size - 1] = size;
	put_header(newest, size | flags);
	put_at(newest + 8, &record, size);
	newest += size + 8;
	begins[++made] = newest;
	*(unsigned long *)(pages + page) = newest;
}

static const unsigned char *zeros(void)
{
	static const unsigned char none[CLOSE];

	return none;
}

static void put_some(struct rng *rng, unsigned int count)
{
	while (count--)
		put_record(rng_below(rng, 2) ? EVENT : CLOSE, 0, zeros(), true);
}

static struct ring *open_ring(void)
{
	struct ring *ring = NULL;

	if (ring_open(&ring, file, SIZE))
		abort();
	return ring;
}

/* Returns the number of the oldest record that is still there. */
static unsigned int oldest(void)
{
	unsigned int i = 0;

	while (newest - begins[i] > SIZE)
		i++;
	return i;
}

/* Checks that all records from this one on are handed out, in order. */
static void read_from(struct ring *ring, unsigned int next)
{
	const struct tcpt_abi_event *event;
	size_t size;

	while ((event = ring_next(ring, &size)))
		CHECK_INT(event->seq, ++next);
	CHECK_INT(next, made);
	CHECK(!ring_fault(ring));
	ring_ack(ring);
	CHECK(!ring_fault(ring));
	CHECK_INT(consumer(), newest);
}

static void refuses(struct ring *ring, const char *fault)
{
	size_t size;

	CHECK(!ring_next(ring, &size));
	CHECK_STR(ring_fault(ring), fault);
	CHECK(!ring_fault(ring));
	put_record(EVENT, 0, zeros(), true);
	read_from(ring, made - 1);
}

/* ---- tests ---- */

/* The position is at each byte of the ring, and at some before and behind it. */
static void all_positions(void)
{
	struct rng rng = { 1 };
	static const unsigned int counts[] = { 1, 2, 5, 60, 150, 1000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
		unsigned int next, good = 0;
		unsigned long from, end;

		make_ring();
		put_some(&rng, counts[i]);
		from = newest > SIZE ? newest - SIZE : 0;
		end = newest;
		next = oldest();
		for (unsigned long position = from; position <= end; position++) {
			unsigned int records = made;
			struct ring *ring;

			while (begins[next] < position)
				next++;
			set_consumer(position);
			ring = open_ring();
			if (begins[next] == position) {
				read_from(ring, next);
				good++;
			} else {
				size_t size;

				CHECK(!ring_next(ring, &size));
				CHECK_STR(ring_fault(ring), "in the middle of an event");
			}
			CHECK_INT(made, records);
			ring_close(ring);
		}
		CHECK_INT(good, made + 1 - oldest());
		drop_ring();
	}
}

static void far_positions(void)
{
	struct rng rng = { 2 };
	struct ring *ring;

	make_ring();
	put_some(&rng, 500);
	set_consumer(newest + 8);
	ring = open_ring();
	CHECK_INT(ring_waiting(ring), SIZE);
	refuses(ring, "ahead of the newest event");
	ring_close(ring);
	set_consumer(newest + SIZE * 7);
	ring = open_ring();
	refuses(ring, "ahead of the newest event");
	ring_close(ring);
	set_consumer(-8UL);
	ring = open_ring();
	refuses(ring, "further back than the ring goes");
	ring_close(ring);
	set_consumer(begins[oldest() - 1]);
	ring = open_ring();
	refuses(ring, "further back than the ring goes");
	ring_close(ring);
	drop_ring();
}

/*
 * Records contain what looks like records. At each place of them is the header and the
 * beginning of a whole record, which ends where another one ends.
 */
static void forged_content(void)
{
	for (unsigned int place = 64; place + 16 <= EVENT; place += 8) {
		for (int close = 0; close < 2; close++) {
			unsigned char content[CLOSE] = { 0 };
			uint32_t header[2] = { close ? CLOSE : EVENT, 3 };
			struct tcpt_abi_event fake = { .size = header[0],
						       .version = TCPT_ABI_VERSION,
						       .type = close ? TCPT_ABI_CLOSE :
								       TCPT_ABI_CONNECT };

			memcpy(content + place, header, 8);
			memcpy(content + place + 8, &fake, 8);
			make_ring();
			for (int i = 0; i < 40; i++)
				put_record(i % 3 ? EVENT : CLOSE, 0, content, true);
			for (unsigned int i = 0; i < made; i += 7) {
				struct ring *ring;
				size_t size;

				set_consumer(begins[i]);
				ring = open_ring();
				read_from(ring, i);
				ring_close(ring);
				set_consumer(begins[i] + 8 + place);
				ring = open_ring();
				CHECK(!ring_next(ring, &size));
				CHECK_STR(ring_fault(ring), "in the middle of an event");
				ring_close(ring);
			}
			drop_ring();
		}
	}
}

/* The kernel is still making the last record. The header is there, and older content. */
static void under_way(void)
{
	unsigned char content[CLOSE] = { 0 };
	uint32_t header[2] = { EVENT, 3 };
	struct ring *ring;
	size_t size;

	make_ring();
	put_record(EVENT, 0, zeros(), true);
	put_record(EVENT, BPF_RINGBUF_BUSY_BIT, zeros(), false);
	set_consumer(0);
	ring = open_ring();
	CHECK(ring_next(ring, &size));
	CHECK(!ring_next(ring, &size));
	CHECK(!ring_fault(ring));
	put_header(begins[1], EVENT);
	CHECK(ring_next(ring, &size));
	CHECK(!ring_fault(ring));
	ring_close(ring);

	/* In the place of this record two can be seen, with what an older one has left there. */
	memcpy(content + CLOSE - EVENT - 8, header, 8);
	content[CLOSE - 1] = EVENT;
	put_record(CLOSE, BPF_RINGBUF_BUSY_BIT, content, false);
	set_consumer(newest - EVENT - 8);
	ring = open_ring();
	CHECK(!ring_next(ring, &size));
	CHECK_STR(ring_fault(ring), "in the middle of an event");
	ring_close(ring);
	drop_ring();
}

static void discarded(void)
{
	struct ring *ring;
	size_t size;

	make_ring();
	put_record(CLOSE, BPF_RINGBUF_DISCARD_BIT, zeros(), true);
	put_record(EVENT, 0, zeros(), true);
	put_record(CLOSE, BPF_RINGBUF_DISCARD_BIT, zeros(), true);
	set_consumer(0);
	ring = open_ring();
	CHECK(ring_next(ring, &size));
	CHECK_INT(size, EVENT);
	CHECK(!ring_next(ring, &size));
	ring_ack(ring);
	CHECK_INT(consumer(), newest);
	ring_close(ring);
	drop_ring();
}

/* The position moves while the ring is read. The kernel then treats what was not read as free. */
static void moved_while_read(void)
{
	struct rng rng = { 3 };
	struct ring *ring;
	size_t size;

	make_ring();
	put_some(&rng, 20);
	ring = open_ring();
	CHECK(ring_next(ring, &size));
	put_some(&rng, 500);
	refuses(ring, "not where this reader has left it");
	put_some(&rng, 5);
	set_consumer(newest + 80);
	CHECK(ring_next(ring, &size));
	ring_ack(ring);
	CHECK_STR(ring_fault(ring), "not where this reader has left it");
	read_from(ring, made - 4);
	ring_close(ring);
	drop_ring();
}

/* No kernel writes these lengths. Only a fault of this program could take them for a record. */
static void odd_lengths(void)
{
	static const uint32_t lengths[] = {
		0, 8, EVENT - 8, EVENT + 8, CLOSE + 8, 400, 0x3fffffff
	};
	struct ring *ring;
	size_t size;

	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		make_ring();
		put_record(EVENT, 0, zeros(), true);
		put_record(EVENT, 0, zeros(), true);
		ring = open_ring();
		CHECK(ring_next(ring, &size));
		put_header(begins[1], lengths[i]);
		refuses(ring, "not where this reader has left it");
		ring_close(ring);
		drop_ring();
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(all_positions), TEST(far_positions),    TEST(forged_content), TEST(under_way),
		TEST(discarded),     TEST(moved_while_read), TEST(odd_lengths),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
