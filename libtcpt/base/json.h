/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes JSON into a line of the caller's or to a stream, and puts the commas. */
#ifndef TCPT_JSON_H
#define TCPT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/put.h"

struct json {
	char *p; /* where to go on */
	FILE *out; /* NULL: p is in the caller's line, which has room for all */
	bool follows; /* a value stands before the next one */
	char room[256];
};

/* Begins an object, in the line, or on the stream unless that is NULL. */
void json_begin(struct json *json, char *line, FILE *out);
/* Ends it, and the line, and returns the place behind the newline. */
char *json_end(struct json *json);

/*
 * Each of these writes a member of an object under its key, or an element of an array
 * where key is NULL. Keys and literals have at most 64 characters and need no escapes.
 * A literal stands without quotes: a number, true, false or null. A string that is NULL
 * is not known, and is left out.
 */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket); /* has no key */
void json_string(struct json *json, const char *key, const char *text);
void json_raw(struct json *json, const char *value); /* an element that is JSON already */
void json_bool(struct json *json, const char *key, bool value);
void json_int(struct json *json, const char *key, int number);

/* Passes on what is in the room if it is more than most. Returns where to go on. */
char *json_place(struct json *json, size_t most);

#define JSON_TAKEN 64 /* or less, so that a key and a literal still fit */

/* Writes the comma and the key. Here, since few instructions copy a key that is known. */
static inline __attribute__((always_inline)) char *json_key(struct json *json, const char *key)
{
	char *p = json->out ? json_place(json, JSON_TAKEN) : json->p;

	*p = ',';
	p += json->follows;
	json->follows = true;
	if (!key)
		return p;
	*p++ = '"';
	p = put_text(p, key);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static inline __attribute__((always_inline)) void json_literal(struct json *json, const char *key,
							       const char *literal)
{
	json->p = put_text(json_key(json, key), literal);
}

static inline __attribute__((always_inline)) void json_number(struct json *json, const char *key,
							      uint64_t number)
{
	json->p = put_number(json_key(json, key), number);
}

/* Writes a string that needs no escapes and has at most 64 bytes; NULL: nothing. */
static inline __attribute__((always_inline)) void json_word(struct json *json, const char *key,
							    const char *word)
{
	char *p;

	if (!word)
		return;
	p = json_key(json, key);
	*p++ = '"';
	p = put_text(p, word);
	*p++ = '"';
	json->p = p;
}

#endif
