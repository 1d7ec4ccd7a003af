// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two kinds of rings, behind one interface. */
#include <linux/bpf.h>

#include "internal.h"
#include "maps/facts.h"
#include "maps/ring.h"
#include "maps/slots.h"
#include "maps/store.h"

/* One of the two is there. */
struct store {
	struct ring *ring;
	struct slots *slots;
};

int store_look(int map_fd, enum tcpt_store *kind, uint32_t *entries)
{
	struct facts facts = {};
	int err = facts_read(map_fd, &facts);
	bool is_ring = !err && facts.type == BPF_MAP_TYPE_RINGBUF;

	*kind = is_ring ? TCPT_STORE_RING : TCPT_STORE_SLOTS;
	return facts_entries(map_fd, entries);
}

int store_open(struct store **out, int map_fd, int cursor_fd, uint32_t tap, uint32_t newest)
{
	struct store *store = calloc(1, sizeof(*store));
	enum tcpt_store kind;
	uint32_t entries;
	int err = store ? store_look(map_fd, &kind, &entries) : -ENOMEM;

	if (!err && kind == TCPT_STORE_RING)
		err = ring_open(&store->ring, map_fd, entries);
	else if (!err)
		err = slots_open(&store->slots, map_fd, cursor_fd, tap, newest);
	if (err)
		free(store);
	else
		*out = store;
	return err;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	ring_close(store->ring);
	slots_close(store->slots);
	free(store);
}

enum tcpt_store store_kind(const struct store *store)
{
	return store->ring ? TCPT_STORE_RING : TCPT_STORE_SLOTS;
}

const void *store_next(struct store *store, size_t *size)
{
	return store->ring ? ring_next(store->ring, size) : slots_next(store->slots, size);
}

const char *store_fault(struct store *store)
{
	return store->ring ? ring_fault(store->ring) : slots_fault(store->slots);
}

bool store_overwritten(struct store *store, uint32_t cpu, uint64_t *oldest)
{
	return store->slots && slots_overwritten(store->slots, cpu, oldest);
}

bool store_is_recorder(const struct store *store)
{
	return store->slots && slots_is_recorder(store->slots);
}

void store_back(struct store *store)
{
	if (store->ring)
		ring_back(store->ring);
	else
		slots_back(store->slots);
}

void store_ack(struct store *store)
{
	if (store->ring)
		ring_ack(store->ring);
	else
		slots_ack(store->slots);
}

size_t store_waiting(const struct store *store)
{
	return store->ring ? ring_waiting(store->ring) : slots_waiting(store->slots);
}

bool store_is_drained(const struct store *store)
{
	return store->ring ? ring_is_drained(store->ring) : slots_is_drained(store->slots);
}

bool store_is_taken(const struct store *store)
{
	return store->ring ? ring_is_taken(store->ring) : slots_is_taken(store->slots);
}

int store_fd(const struct store *store)
{
	return store->ring ? ring_fd(store->ring) : -EOPNOTSUPP;
}

unsigned long store_acked(const struct store *store)
{
	return store->ring ? ring_acked(store->ring) : slots_acked(store->slots);
}

size_t store_bytes(const struct store *store)
{
	return store->ring ? ring_bytes(store->ring) : slots_bytes(store->slots);
}

size_t store_room(const struct store *store)
{
	return store->ring ? ring_bytes(store->ring) : slots_segment_bytes(store->slots);
}

static const char *const names[] = {
	[TCPT_STORE_AUTO] = "auto",
	[TCPT_STORE_RING] = "ring",
	[TCPT_STORE_SLOTS] = "slots",
};

TCPT_API const char *tcpt_store_name(enum tcpt_store store)
{
	return (size_t)store < ARRAY_SIZE(names) ? names[store] : NULL;
}
