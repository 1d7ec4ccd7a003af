// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The consumer's side of a BPF ring buffer. libbpf's own gives each record back to the
 * kernel as soon as its callback returns. Here a record stays until its line has been
 * written, so that a reader that is killed loses none.
 *
 * Layout (kernel/bpf/ringbuf.c, since 5.8): a page with the consumer's
 * position, a page with the producer's, then the data, mapped twice in a row.
 *
 * Everybody who may read can write the consumer's position, and nothing else. So it is
 * checked: if it pointed into the middle of a record, memory that a process has filled,
 * such as its name or an address, would be taken for an event.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "base/wait.h"
#include "internal.h"
#include "maps/ring.h"
#include "tcpt_abi.h"

#define FLAGS (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)
#define TRIES 100 /* a millisecond each */

/* Records have one of two sizes. */
#define EVENT sizeof(struct tcpt_abi_event)
#define CLOSE sizeof(struct tcpt_abi_close)
_Static_assert(!(EVENT % 8) && !(CLOSE % 8) && !(BPF_RINGBUF_HDR_SZ % 8), "records lie in a row");

struct ring {
	int fd; /* of the map, to wait for */
	unsigned long *consumer;
	const unsigned long *producer;
	const unsigned char *data;
	size_t size; /* of the data, a power of two */
	size_t page;
	unsigned long position; /* of the next record to return */
	unsigned long last; /* of the record returned before */
	unsigned long acked; /* the consumer's position as this reader has left it */
	bool is_proved; /* position is the beginning of a record */
	const char *fault;
	__u64 record[CLOSE / sizeof(__u64)];
};

/* Returns NULL and sets errno if that fails. */
static void *map_pages(int map_fd, size_t size, int protection, size_t offset)
{
	void *at = mmap(NULL, size, protection, MAP_SHARED, map_fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

int ring_open(struct ring **out, int map_fd, size_t size)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return -ENOMEM;
	ring->page = sysconf(_SC_PAGESIZE);
	ring->size = size;
	ring->fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 0);
	if (ring->fd >= 0)
		ring->consumer = map_pages(map_fd, ring->page, PROT_READ | PROT_WRITE, 0);
	if (ring->consumer)
		ring->producer = map_pages(map_fd, ring->page + 2 * size, PROT_READ, ring->page);
	if (!ring->producer) {
		err = -errno;
		ring_close(ring);
		return err;
	}
	ring->data = (const unsigned char *)ring->producer + ring->page;
	ring->position = ring->acked = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	*out = ring;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	if (ring->consumer)
		munmap(ring->consumer, ring->page);
	if (ring->producer)
		munmap((void *)ring->producer, ring->page + 2 * ring->size);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring);
}

static unsigned long newest(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

static const unsigned char *at(const struct ring *ring, unsigned long position)
{
	return ring->data + (position & (ring->size - 1));
}

static uint32_t header_at(const struct ring *ring, unsigned long position)
{
	return __atomic_load_n((const uint32_t *)at(ring, position), __ATOMIC_ACQUIRE);
}

/*
 * Returns true if the data from this position on is still there. The kernel writes over
 * what the consumer's position says is consumed.
 */
static bool is_kept(const struct ring *ring, unsigned long position)
{
	return newest(ring) - position <= ring->size;
}

/* ---- the beginning of records ---- */

/*
 * Returns the size of the record that ends here; 0 if that is not known yet. A record gets
 * its header before the producer's position is moved behind it. Data may look like a
 * header at the place of the other size. Then the last byte, which holds the record's
 * size, decides as soon as both are complete.
 */
static size_t size_before(const struct ring *ring, unsigned long end)
{
	uint32_t event = header_at(ring, end - EVENT - BPF_RINGBUF_HDR_SZ);
	uint32_t close = header_at(ring, end - CLOSE - BPF_RINGBUF_HDR_SZ);
	bool may_be_event = (event & ~FLAGS) == EVENT, may_be_close = (close & ~FLAGS) == CLOSE;

	if (may_be_event != may_be_close)
		return may_be_event ? EVENT : CLOSE;
	if ((event | close) & BPF_RINGBUF_BUSY_BIT)
		return 0;
	return may_be_event ? at(ring, end - 1)[0] : 0;
}

static size_t await_size_before(const struct ring *ring, unsigned long end)
{
	size_t size = size_before(ring, end);

	for (int i = 0; !size && i < TRIES; i++) {
		wait_ns(1000000);
		size = size_before(ring, end);
	}
	return size == EVENT || size == CLOSE ? size : 0;
}

/*
 * Returns true if a record begins at this position. It goes back from the newest record,
 * because only the kernel can write the producer's position.
 */
static bool begins_record(const struct ring *ring, unsigned long position, unsigned long end)
{
	size_t size;

	while (end != position) {
		size = await_size_before(ring, end);
		if (!size || end - position < size + BPF_RINGBUF_HDR_SZ)
			return false;
		end -= size + BPF_RINGBUF_HDR_SZ;
	}
	return is_kept(ring, position);
}

/* Skips all records up to end, and returns none. */
static const void *skip(struct ring *ring, const char *fault, unsigned long end)
{
	ring->fault = fault;
	ring->last = ring->position = end;
	ring->is_proved = true;
	return NULL;
}

static bool prove(struct ring *ring)
{
	unsigned long end = newest(ring), position = ring->position;

	if ((long)(end - position) < 0)
		return skip(ring, "ahead of the newest event", end);
	if (end - position > ring->size)
		return skip(ring, "further back than the ring goes", end);
	if (position % 8 || !begins_record(ring, position, end))
		return skip(ring, "in the middle of an event", end);
	ring->is_proved = true;
	return true;
}

const char *ring_fault(struct ring *ring)
{
	const char *fault = ring->fault;

	ring->fault = NULL;
	return fault;
}

/* ---- reading ---- */

/*
 * Copies the record, because a writer of the position can make the kernel write over it at
 * any time. Returns NULL if that has happened.
 */
static const void *take(struct ring *ring, unsigned long position, size_t length)
{
	memcpy(ring->record, at(ring, position) + BPF_RINGBUF_HDR_SZ, length);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return is_kept(ring, position) ? ring->record : NULL;
}

const void *ring_next(struct ring *ring, size_t *size)
{
	const void *record = NULL;

	if (!ring->is_proved && !prove(ring))
		return NULL;
	while (!record && ring->position != newest(ring)) {
		unsigned long position = ring->position;
		uint32_t header = header_at(ring, position);

		*size = header & ~FLAGS;
		if (!is_kept(ring, position) || (*size != EVENT && *size != CLOSE))
			return skip(ring, "not where this reader has left it", newest(ring));
		if (header & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			record = take(ring, position, *size);
			if (!record)
				continue;
		}
		ring->last = position;
		ring->position += *size + BPF_RINGBUF_HDR_SZ;
	}
	return record;
}

void ring_back(struct ring *ring)
{
	ring->position = ring->last;
}

void ring_ack(struct ring *ring)
{
	if (__atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE) != ring->acked)
		ring->fault = "not where this reader has left it";
	__atomic_store_n(ring->consumer, ring->position, __ATOMIC_RELEASE);
	ring->acked = ring->position;
}

size_t ring_waiting(const struct ring *ring)
{
	size_t waiting = newest(ring) - ring->acked;

	return waiting < ring->size ? waiting : ring->size;
}

int ring_fd(const struct ring *ring)
{
	return ring->fd;
}

unsigned long ring_acked(const struct ring *ring)
{
	return ring->acked;
}

size_t ring_bytes(const struct ring *ring)
{
	return ring->size;
}

bool ring_is_drained(const struct ring *ring)
{
	return newest(ring) == ring->acked;
}

bool ring_is_taken(const struct ring *ring)
{
	return newest(ring) == ring->position;
}

#define DEFAULT_RING (8 << 20)

size_t ring_round(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < (wanted ? wanted : DEFAULT_RING) && size < (1U << 31))
		size <<= 1;
	return size;
}
