// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hash maps are preallocated (kernel/bpf/hashtab.c, 6.1): the memory of an entry that
 * is deleted, or exchanged by an update, stays readable, and the next insertion takes
 * it. That is what a program sees that still has a pointer to it. Arrays are hash maps
 * here too, which have whatever is looked up.
 */
#include "maps.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf_helpers.h>

#include "hooks.h"
#include "story.h"
#include "threads.h"
#include "truth.h"

#define ROOM 6 /* of a hash map; more than any scenario needs */
#define KEY_BYTES 24 /* that of left_out */

struct slot {
	uint8_t is_used;
	uint8_t key[KEY_BYTES] __attribute__((aligned(8)));
	uint8_t value[] __attribute__((aligned(8)));
};

static size_t begins[MAP_IDS + 1];
static uint8_t rooms[MAP_IDS];

static int is_array(enum map_id id)
{
	return map_shapes[id].type == BPF_MAP_TYPE_ARRAY;
}

static size_t slot_size(enum map_id id)
{
	return (sizeof(struct slot) + map_shapes[id].value_size + 7) & ~(size_t)7;
}

static struct slot *slot_at(enum map_id id, int i)
{
	return (struct slot *)(world.map + begins[id] + i * slot_size(id));
}

static int room_of(enum map_id id)
{
	switch (id) {
	case MAP_LEFT_OUT:
	case MAP_CONTROL:
		return 1;
	case MAP_LEFT_OUT_ENDS: /* no scenario of cgroup mode has a guess */
		return 0;
	case MAP_COUNTERS:
		return CPUS;
	case MAP_PENDING:
	case MAP_CONNS:
	case MAP_HIDDEN:
		return ROOM;
	default:
		return map_shapes[id].key_size ? TASKS : 0;
	}
}

void maps_begin(void)
{
	size_t at = 0;

	for (int id = 0; id < MAP_IDS; id++) {
		*(void **)map_shapes[id].variable = &map_shapes[id];
		begins[id] = at;
		rooms[id] = room_of(id);
		at += rooms[id] * slot_size(id);
	}
	if (at > sizeof(world.map))
		fail("the maps need %zu bytes", at);
}

static enum map_id id_of(void *map)
{
	return (enum map_id)(*(struct map_shape **)map - map_shapes);
}

static struct slot *find(enum map_id id, const void *key)
{
	uint8_t whole[KEY_BYTES] = {};

	if (!rooms[id])
		return NULL;
	memcpy(whole, key, map_shapes[id].key_size);
	for (int i = 0; i < rooms[id]; i++) {
		struct slot *slot = slot_at(id, i);

		if (slot->is_used && !memcmp(slot->key, whole, KEY_BYTES))
			return slot;
	}
	return NULL;
}

static struct slot *add(enum map_id id, const void *key, const void *value)
{
	for (int i = 0; i < rooms[id]; i++) {
		struct slot *slot = slot_at(id, i);

		if (slot->is_used)
			continue;
		slot->is_used = 1;
		memset(slot->key, 0, KEY_BYTES);
		memcpy(slot->key, key, map_shapes[id].key_size);
		if (value)
			memcpy(slot->value, value, map_shapes[id].value_size);
		else
			memset(slot->value, 0, map_shapes[id].value_size);
		return slot;
	}
	return NULL;
}

static const char *key_text(enum map_id id, const void *key)
{
	static char text[40];
	uint64_t number = 0;

	memcpy(&number, key, map_shapes[id].key_size < 8 ? map_shapes[id].key_size : 8);
	for (int i = 0; i < SOCKS; i++)
		if (number == (uintptr_t)&world.sock[i]) {
			snprintf(text, sizeof(text), "sock %d", i);
			return text;
		}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return text;
}

/* ---- for tools ---- */

void *tool_lookup(enum map_id id, const void *key)
{
	struct slot *slot = find(id, key);

	if (!slot && is_array(id))
		slot = add(id, key, NULL);
	return slot ? slot->value : NULL;
}

/* An update exchanges the entry for another. */
long tool_update(enum map_id id, const void *key, const void *value, int no_exist)
{
	struct slot *old = find(id, key);

	if (old && no_exist)
		return -EEXIST;
	if (old && is_array(id)) {
		memcpy(old->value, value, map_shapes[id].value_size);
		return 0;
	}
	if (!add(id, key, value)) {
		fail("the model has no room in %s", map_shapes[id].name);
		return -E2BIG;
	}
	if (old)
		old->is_used = 0;
	return 0;
}

long tool_delete(enum map_id id, const void *key)
{
	struct slot *slot = find(id, key);

	if (!slot)
		return -ENOENT;
	slot->is_used = 0;
	return 0;
}

struct tcpt_abi_control *tool_control(void)
{
	uint32_t zero = 0;

	return tool_lookup(MAP_CONTROL, &zero);
}

struct tcpt_abi_counters *tool_counters(int cpu)
{
	uint32_t key = cpu;

	return tool_lookup(MAP_COUNTERS, &key);
}

size_t map_count(enum map_id id)
{
	size_t count = 0;

	for (int i = 0; i < rooms[id]; i++)
		count += slot_at(id, i)->is_used;
	return count;
}

const void *map_next(enum map_id id, int *at, const void **value)
{
	for (; *at < rooms[id]; ++*at) {
		struct slot *slot = slot_at(id, *at);

		if (!slot->is_used)
			continue;
		++*at;
		*value = slot->value;
		return slot->key;
	}
	return NULL;
}

/* ---- for programs ---- */

static int is_prefix(const struct tcpt_abi_network *network, const struct tcpt_abi_network *of)
{
	const uint8_t *a = (const uint8_t *)&network->key, *b = (const uint8_t *)&of->key;
	uint32_t bytes = network->bits / 8, rest = network->bits % 8;

	return network->bits <= of->bits && !memcmp(a, b, bytes) &&
	       (!rest || !((a[bytes] ^ b[bytes]) >> (8 - rest)));
}

/* Returns the value of the longest prefix (kernel/bpf/lpm_trie.c). */
static void *find_network(const struct tcpt_abi_network *of)
{
	const struct tcpt_abi_network *network;
	uint32_t longest = 0;
	void *found = NULL;
	const void *value;

	for (int at = 0; (network = map_next(MAP_NETWORKS, &at, &value));) {
		if (!is_prefix(network, of) || network->bits < longest)
			continue;
		longest = network->bits;
		found = (void *)(uintptr_t)value;
	}
	return found;
}

/* What never changes while a scenario runs needs no point. */
static int is_shared_map(enum map_id id)
{
	return id != MAP_COUNTERS && id != MAP_LEFT_OUT;
}

void *map_lookup(void *map, const void *key)
{
	enum map_id id = id_of(map);
	void *value;

#ifdef TCPT_SLOTS
	if (id == MAP_RING)
		return ring_lookup(*(const uint32_t *)key);
#endif
	if (is_shared_map(id))
		point();
	if (id == MAP_CONTROL)
		hook_looks_for_turn();
	value = id == MAP_NETWORKS ? find_network(key) : tool_lookup(id, key);
	if (!is_array(id))
		say("looks for %s in %s: %s", key_text(id, key), map_shapes[id].name,
		    value ? "there" : "none");
	return value;
}

/* An entry that waits to be accepted, or that stands in for a connection, is none to remember. */
static int fault_of(const struct tcpt_abi_conn *conn, __u64 flags)
{
	if (conn->reported == TCPT_ABI_HIDDEN && !conn->id)
		return FAULT_STAND_IN;
	return flags == BPF_NOEXIST && !conn->reported ? FAULT_QUEUE : FAULT_CONNS;
}

static int is_full(enum map_id id, const void *key, const void *value, __u64 flags)
{
	int fault = id == MAP_PENDING ? FAULT_PENDING :
		    id == MAP_CONNS   ? FAULT_CONNS :
					FAULT_HIDDEN;
	const struct tcpt_abi_tuple *tuple =
		id == MAP_CONNS ? &((const struct tcpt_abi_conn *)value)->tuple : NULL;

	if (id == MAP_CONNS)
		fault = fault_of(value, flags);

	if (id != MAP_PENDING && id != MAP_CONNS && id != MAP_HIDDEN)
		return 0;
	if (!choose(2, "the map is full"))
		return 0;
	truth_fault(*(const uint64_t *)key, tuple, fault);
	if (id == MAP_CONNS && flags == BPF_ANY && ((const struct tcpt_abi_conn *)value)->role)
		truth_note(*(const uint64_t *)key, tuple, NOTE_FORGOTTEN);
	return 1;
}

long map_update(void *map, const void *key, const void *value, __u64 flags)
{
	enum map_id id = id_of(map);
	long err;

	point();
	if (!find(id, key) && is_full(id, key, value, flags))
		err = -E2BIG;
	else
		err = tool_update(id, key, value, flags == BPF_NOEXIST);
	if (id == MAP_SHUTDOWNS && err == -EEXIST)
		truth_note(*(const uint64_t *)key, NULL, NOTE_OUTRUN);
	say("puts %s into %s%s", key_text(id, key), map_shapes[id].name,
	    err == -EEXIST ? ": there is one already" :
	    err		   ? ": no room" :
			     "");
	return err;
}

long map_delete(void *map, const void *key)
{
	enum map_id id = id_of(map);
	long err;

	point();
	err = tool_delete(id, key);
	if (id == MAP_EXISTING && !err)
		truth_taken_over(*(const uint64_t *)key);
	say("deletes %s from %s%s", key_text(id, key), map_shapes[id].name, err ? ": none" : "");
	return err;
}
