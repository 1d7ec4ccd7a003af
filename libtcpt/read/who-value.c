// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a resolver has found. Others choose these names, and their length. */
#include "read/who-value.h"

#include <stddef.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"

#define TEXT_MAX 255
#define TEXT_PATH_MAX 1023
#define ESCAPED_SIZE (4 * TEXT_PATH_MAX + 1)
#define NUMBER_MAX 20 /* digits */

typedef bool number_of(const struct tcpt_who *who, uint64_t *number);

static bool euid_of(const struct tcpt_who *who, uint64_t *number)
{
	*number = who->euid;
	return who->has_euid;
}

static bool ppid_of(const struct tcpt_who *who, uint64_t *number)
{
	*number = who->ppid;
	return who->ppid;
}

static bool started_of(const struct tcpt_who *who, uint64_t *number)
{
	*number = who->started;
	return who->started;
}

#define TEXT(name, note) #name, note, offsetof(struct tcpt_who, name), TEXT_MAX, NULL

/* A note that is NULL says no more than another one does. */
static const struct {
	const char *name;
	const char *note;
	size_t at; /* of a text */
	size_t most;
	number_of *number;
} keys[WHO_KEYS] = {
	[WHO_USER] = { TEXT(user, "user ") },
	[WHO_EUID] = { "euid", "euid ", 0, 0, euid_of },
	[WHO_EUSER] = { TEXT(euser, "euser ") },
	[WHO_CGROUP_PATH] = { "cgroup_path", "cgroup ", offsetof(struct tcpt_who, cgroup_path),
			      TEXT_PATH_MAX, NULL },
	[WHO_SERVICE] = { TEXT(service, "service ") },
	[WHO_SLICE] = { TEXT(slice, NULL) },
	[WHO_CONTAINER] = { TEXT(container, "container ") },
	[WHO_RUNTIME] = { TEXT(runtime, NULL) },
	[WHO_EXE] = { TEXT(exe, "exe ") },
	[WHO_PPID] = { "ppid", "ppid ", 0, 0, ppid_of },
	[WHO_PROCESS] = { TEXT(process, "process ") },
	[WHO_STARTED] = { "started", NULL, 0, 0, started_of },
};

const char *who_value_text(const struct tcpt_who *who, enum who_key key)
{
	const char *text;

	if (!who || keys[key].number)
		return NULL;
	text = *(const char *const *)((const char *)who + keys[key].at);
	return text && *text && strnlen(text, keys[key].most + 1) <= keys[key].most ? text : NULL;
}

/* ---- one value ---- */

static bool get_number(const struct tcpt_who *who, enum who_key key, uint64_t *number)
{
	return who && keys[key].number && keys[key].number(who, number);
}

static size_t size_in_json(const char *text)
{
	size_t size = 0;
	char piece[ESCAPE_MAX];

	while (*text)
		size += escape_json(piece, &text) - piece;
	return size;
}

void who_value_put_member(struct json *json, const struct tcpt_who *who, enum who_key key,
			  unsigned int most)
{
	size_t frame = strlen(keys[key].name) + sizeof(",\"\":\"\"");
	const char *text = who_value_text(who, key);
	uint64_t number;

	if (get_number(who, key, &number) && frame + NUMBER_MAX <= most)
		json_number(json, keys[key].name, number);
	else if (text && frame + size_in_json(text) <= most)
		json_string(json, keys[key].name, text);
}

typedef char *escape_text(char *p, const char *text);

/* Writes a value, if it is known and there is room. */
static char *put(char *p, const struct tcpt_who *who, enum who_key key, size_t most,
		 escape_text *escape)
{
	const char *text = who_value_text(who, key);
	char escaped[ESCAPED_SIZE];
	uint64_t number;
	size_t size;

	if (get_number(who, key, &number) && most >= NUMBER_MAX)
		return put_number(p, number);
	if (!text)
		return p;
	size = escape(escaped, text) - escaped;
	if (size > most)
		return p;
	memcpy(p, escaped, size);
	return p + size;
}

char *who_value_put_word(char *p, const struct tcpt_who *who, enum who_key key, unsigned int most)
{
	return put(p, who, key, most, escape_word);
}

/* ---- all of them ---- */

void who_value_put_members(struct json *json, const struct tcpt_who *who)
{
	const char *end = json->p + WHO_LINE_MAX;

	for (int key = 0; who && key < WHO_KEYS; key++)
		who_value_put_member(json, who, key, end - json->p);
}

char *who_value_put_columns(char *p, const struct tcpt_who *who)
{
	const char *end = p + WHO_LINE_MAX - 2 * WHO_KEYS; /* each has a tab and a dash */

	for (int key = 0; who && key < WHO_KEYS; key++) {
		char *start = p + 1;

		*p = '\t';
		p = put(start, who, key, end > start ? end - start : 0, escape_column);
		if (p == start)
			*p++ = '-';
	}
	return p;
}

char *who_value_put_notes(char *p, const struct tcpt_who *who)
{
	const char *end = p + WHO_LINE_MAX;

	for (int key = 0; who && key < WHO_KEYS; key++) {
		char *start, *stop, word[32];
		size_t size;

		if (!keys[key].note || (key == WHO_EUID && who_value_text(who, WHO_EUSER)))
			continue;
		size = sprintf(word, " %s", keys[key].note);
		if (p + size >= end)
			continue;
		start = p + size;
		stop = put(start, who, key, end - start, escape_word);
		if (stop == start)
			continue;
		memcpy(p, word, size);
		p = stop;
	}
	return p;
}
