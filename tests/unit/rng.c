// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "rng.h"

uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

unsigned int rng_below(struct rng *rng, unsigned int n)
{
	return rng_next(rng) % n;
}

void rng_bytes(struct rng *rng, void *out, size_t size)
{
	unsigned char *to = out;

	for (; size >= 8; size -= 8, to += 8) {
		uint64_t bytes = rng_next(rng);

		memcpy(to, &bytes, 8);
	}
	while (size--)
		*to++ = rng_next(rng);
}
