// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chooses where the fields lie, and what looks like them. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "layout.h"
#include "offsets/fields.h"

static bool is_free(const struct layout *layout, enum base base, unsigned int at, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		if (layout->used[base][at + i])
			return false;
	return true;
}

static void take(struct layout *layout, enum field field, unsigned int at)
{
	enum base base = fields[field].base;
	unsigned int size = field_size(field, layout->pointer_size), end = at + size;

	memset(layout->used[base] + at, 1, size);
	if (layout->end[base] < end)
		layout->end[base] = end;
}

unsigned int layout_place(struct layout *layout, struct rng *rng, enum field field,
			  unsigned int limit)
{
	enum base base = fields[field].base;
	unsigned int size = field_size(field, layout->pointer_size);
	unsigned int align = field_align(field, layout->pointer_size);
	unsigned int window = base_window[base];
	unsigned int slots = ((limit < window ? limit : window) - size) / align + 1;

	for (int tries = 0; tries < 100000; tries++) {
		unsigned int at = rng_below(rng, slots) * align;

		if (is_free(layout, base, at, size)) {
			take(layout, field, at);
			return at;
		}
	}
	abort();
}

/*
 * Chooses a layout. Some kernels keep all fields close together, others are full of
 * debugging aids.
 */
void layout_make(struct layout *layout, struct rng *rng, unsigned int pointer_size)
{
	static const unsigned int limits[] = { 128, 512, 2048, TASK_WINDOW };
	unsigned int limit = limits[rng_below(rng, ARRAY_SIZE(limits))];

	memset(layout, 0, sizeof(*layout));
	layout->pointer_size = pointer_size;
	/* The large fields are placed first, so that there is room for them. */
	for (int size = 16; size; size /= 2)
		for (int f = 0; f < FIELD_COUNT; f++)
			if ((int)field_size(f, pointer_size) == size)
				layout->at[f] = layout_place(layout, rng, f, limit);
}

struct decoy *layout_add_decoy(struct layout *layout, struct rng *rng, enum field field,
			       enum decoy_kind kind)
{
	struct decoy *decoy = &layout->decoy[layout->decoys++];

	if (layout->decoys > DECOYS_MAX)
		abort();
	memset(decoy, 0, sizeof(*decoy));
	decoy->field = field;
	decoy->kind = kind;
	decoy->at = layout_place(layout, rng, field, TASK_WINDOW);
	return decoy;
}

static void add_pointers_inside(struct layout *layout, struct rng *rng)
{
	struct decoy *decoy;

	/*
	 * The target lies behind all of the struct's own fields. Else the pointer would
	 * be another way to the goal.
	 */
	decoy = layout_add_decoy(layout, rng, F_SKC_NET, DECOY_INSIDE);
	decoy->inside = (layout->at[F_NET_INUM] / 8 + 1) * 8;
	decoy = layout_add_decoy(layout, rng, F_TASK_FILES, DECOY_INSIDE);
	decoy->inside = layout->at[F_FILES_FDT] + 8;
	/* This one is sk_wq, which the socket's own address rules out. */
	decoy = layout_add_decoy(layout, rng, F_SK_SOCKET, DECOY_INSIDE);
	decoy->inside = rng_below(rng, 8) * 8 + 8;
}

/*
 * Adds the copies that real kernels have: the route's key, the sender's address and the
 * copies of IPv6 sockets.
 */
static void add_known_copies(struct layout *layout, struct rng *rng)
{
	layout_add_decoy(layout, rng, F_SKC_DADDR, DECOY_ROUTE);
	layout_add_decoy(layout, rng, F_SKC_RCV_SADDR, DECOY_ROUTE);
	layout_add_decoy(layout, rng, F_SKC_DPORT, DECOY_ROUTE);
	layout_add_decoy(layout, rng, F_INET_SPORT, DECOY_ROUTE);
	layout_add_decoy(layout, rng, F_SKC_RCV_SADDR, DECOY_SENDER);
	layout_add_decoy(layout, rng, F_SKC_V6_RCV_SADDR, DECOY_IPV6_ONLY);
	layout_add_decoy(layout, rng, F_SKC_V6_DADDR, DECOY_IPV6_ONLY);
}

void layout_add_decoys(struct layout *layout, struct rng *rng)
{
	static const enum decoy_kind kinds[] = { DECOY_ONCE_OTHER, DECOY_ONCE_CLOSE,
						 DECOY_ONCE_RIGHT, DECOY_STALE };

	add_known_copies(layout, rng);
	add_pointers_inside(layout, rng);
	for (int f = 0; f < FIELD_COUNT; f++) {
		layout_add_decoy(layout, rng, f, DECOY_ONCE_OTHER);
		layout_add_decoy(layout, rng, f, kinds[rng_below(rng, ARRAY_SIZE(kinds))]);
	}
	for (int i = 0; i < 24; i++) {
		int f = rng_below(rng, FIELD_COUNT);

		if (fields[f].base != BASE_FDTABLE)
			layout_add_decoy(layout, rng, f, kinds[rng_below(rng, ARRAY_SIZE(kinds))]);
	}
}
