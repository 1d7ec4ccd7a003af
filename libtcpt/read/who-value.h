/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a resolver has found, value by value, for all formats. */
#ifndef TCPT_WHO_VALUE_H
#define TCPT_WHO_VALUE_H

#include <stdbool.h>
#include <stdint.h>

struct json;
struct tcpt_who;

/* In the order of columns and keys. */
enum who_key {
	WHO_USER,
	WHO_EUID,
	WHO_EUSER,
	WHO_CGROUP_PATH,
	WHO_SERVICE,
	WHO_SLICE,
	WHO_CONTAINER,
	WHO_RUNTIME,
	WHO_EXE,
	WHO_PPID,
	WHO_PROCESS,
	WHO_STARTED,
	WHO_KEYS,
};

/* All of them together take at most so many bytes of a line. */
#define WHO_LINE_MAX 1024

/* Returns the value as text if it is one, and is known and not too long; else NULL. */
const char *who_value_text(const struct tcpt_who *who, enum who_key key);

/*
 * Each writes what is known, as far as there is room. who may be NULL. The first writes
 * members of an object, the second columns of tsv, each behind a tab, and the third words,
 * each behind a blank and what it is.
 */
void who_value_put_members(struct json *json, const struct tcpt_who *who);
char *who_value_put_columns(char *p, const struct tcpt_who *who);
char *who_value_put_notes(char *p, const struct tcpt_who *who);
/* Writes one value as a word, if it is known and has at most so many bytes. */
char *who_value_put_word(char *p, const struct tcpt_who *who, enum who_key key, unsigned int most);
/* Writes one member, if it is known and has at most so many bytes. */
void who_value_put_member(struct json *json, const struct tcpt_who *who, enum who_key key,
			  unsigned int most);

#endif
