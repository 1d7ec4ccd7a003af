// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arrays that grow. */
#include "base/array.h"
#include "internal.h"

void *array_grow(void *array, size_t count, size_t size)
{
	/* The room doubles whenever count is a power of two (or 0). */
	return count & (count - 1) ? array : realloc(array, (count ? 2 * count : 1) * size);
}
