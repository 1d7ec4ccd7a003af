// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Noise: what lies between the fields. */
#include "internal.h"
#include "offsets/fields.h"
#include "world.h"

enum noise {
	NOISE_ZERO,
	NOISE_CONSTANT,
	NOISE_RANDOM,
	NOISE_SMALL,
	NOISE_POINTER,
	NOISE_POINTERS,
	NOISE_LIST, /* an empty list head points at itself */
	NOISE_OWNER, /* a timer's argument is the sock */
	NOISE_KINDS,
};

void noise_choose(struct world *w)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(w->noise); i++) {
		w->noise[i] = rng_below(&w->rng, NOISE_POINTERS);
		if (rng_below(&w->rng, 256) == 0)
			w->noise[i] = NOISE_POINTERS;
		w->constant[i] = rng_next(&w->rng);
		if (i < SOCK_WINDOW / 8 && rng_below(&w->rng, 32) == 0)
			w->noise[i] = NOISE_LIST + rng_below(&w->rng, 2);
	}
}

static uint64_t noise_at(struct world *w, unsigned int slot, uint64_t self)
{
	switch ((enum noise)w->noise[slot]) {
	case NOISE_CONSTANT:
		return w->constant[slot];
	case NOISE_RANDOM:
		return rng_next(&w->rng);
	case NOISE_SMALL:
		return rng_next(&w->rng) & 0x0f0f0f0f0f0f0f0f;
	case NOISE_POINTER:
		return w->junk[w->constant[slot] % JUNK];
	case NOISE_POINTERS:
		return w->junk[rng_below(&w->rng, JUNK)];
	case NOISE_LIST:
		return self + slot * 8;
	case NOISE_OWNER:
		return self;
	default:
		return 0;
	}
}

void noise_add(struct world *w, unsigned char *bytes, unsigned int size, uint64_t self)
{
	for (unsigned int slot = 0; slot < size / 8; slot++) {
		uint64_t value = noise_at(w, slot, self);

		if (w->noise[slot] < NOISE_POINTER || !w->opts.is_32bit)
			world_store(w, bytes + slot * 8, sizeof(value), value);
		else
			world_store_pointer(w, bytes + slot * 8, value);
	}
}
