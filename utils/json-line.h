/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a line that is an object of JSON. */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include <stdbool.h>

/*
 * Takes a member. Strings are decoded; value is the text of a number, true, false or null.
 * Members that are objects or arrays are passed over.
 */
typedef void json_line_take(void *arg, const char *key, const char *value);

/* Reads the line, and changes it meanwhile. Returns false if it is no object. */
bool json_line_read(char *line, json_line_take *take, void *arg);

#endif
