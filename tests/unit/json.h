/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Returns whether this is a JSON object of strings, numbers, booleans, nulls, arrays
 * and objects (RFC 8259), in UTF-8.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

bool json_is_object(const char *text, size_t size);

#endif
