// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The consumer's side of a BPF ring buffer. libbpf's gives each record back to
 * the kernel as soon as its callback returns; here a record stays until its
 * line has been written, so that a reader that dies loses none.
 *
 * Layout (kernel/bpf/ringbuf.c, since 5.8): a page with the consumer's
 * position, a page with the producer's, then the data, mapped twice in a row.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

struct ring {
	unsigned long *consumer;
	const unsigned long *producer;
	const unsigned char *data;
	size_t size; /* of the data, a power of two */
	size_t page;
	unsigned long position; /* of the next record to hand out */
	unsigned long last; /* of the one handed out before */
};

int ring_open(struct ring **out, int map_fd, size_t size)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	unsigned char *shared;

	if (!ring)
		return -ENOMEM;
	ring->page = sysconf(_SC_PAGESIZE);
	ring->size = size;
	ring->consumer = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (ring->consumer == MAP_FAILED)
		goto free_ring;
	shared = mmap(NULL, ring->page + 2 * size, PROT_READ, MAP_SHARED, map_fd, ring->page);
	if (shared == MAP_FAILED)
		goto unmap_consumer;
	ring->producer = (const unsigned long *)shared;
	ring->data = shared + ring->page;
	ring->position = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	*out = ring;
	return 0;

unmap_consumer:
	munmap(ring->consumer, ring->page);
free_ring:
	free(ring);
	return -errno;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	munmap((void *)ring->producer, ring->page + 2 * ring->size);
	munmap(ring->consumer, ring->page);
	free(ring);
}

const void *ring_next(struct ring *ring, size_t *size)
{
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	while (ring->position < end) {
		const unsigned char *record = ring->data + (ring->position & (ring->size - 1));
		uint32_t header = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		size_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (header & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		ring->last = ring->position;
		ring->position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
		if (header & BPF_RINGBUF_DISCARD_BIT)
			continue;
		*size = length;
		return record + BPF_RINGBUF_HDR_SZ;
	}
	return NULL;
}

void ring_back(struct ring *ring)
{
	ring->position = ring->last;
}

void ring_ack(struct ring *ring)
{
	__atomic_store_n(ring->consumer, ring->position, __ATOMIC_RELEASE);
}

/* The consumer's position first: it never passes the producer's. */
int ring_used(int map_fd, size_t size, size_t *used)
{
	size_t page = sysconf(_SC_PAGESIZE);
	const char *pages = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, map_fd, 0);
	unsigned long consumer, producer;

	if (pages == MAP_FAILED)
		return -errno;
	consumer = __atomic_load_n((const unsigned long *)pages, __ATOMIC_ACQUIRE);
	producer = __atomic_load_n((const unsigned long *)(pages + page), __ATOMIC_ACQUIRE);
	munmap((void *)pages, 2 * page);
	*used = producer - consumer < size ? producer - consumer : size;
	return 0;
}

size_t ring_waiting(const struct ring *ring)
{
	unsigned long consumer = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);

	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - consumer;
}

bool ring_is_drained(const struct ring *ring)
{
	return !ring_waiting(ring);
}
