/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays that grow. */
#ifndef TCPT_ARRAY_H
#define TCPT_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one more element of size bytes behind count of them. Returns the
 * array, which may have moved; NULL if memory is short.
 */
void *array_grow(void *array, size_t count, size_t size);

#endif
