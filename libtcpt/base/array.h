/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays that grow. */
#ifndef TCPT_ARRAY_H
#define TCPT_ARRAY_H

#include <stddef.h>

/* Moves array where there is room for one more, and may be for others. NULL: out of memory. */
void *array_grow(void *array, size_t count, size_t size);

#endif
