// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON, on the way of every event: nothing here but what a byte needs to get out. */
#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"

char *json_place(struct json *json, size_t most)
{
	if (json->out && json->p > json->room + most) {
		fwrite(json->room, 1, json->p - json->room, json->out);
		json->p = json->room;
	}
	return json->p;
}

void json_open(struct json *json, const char *key, char bracket)
{
	json->p = json_key(json, key);
	*json->p++ = bracket;
	json->follows = false;
}

void json_close(struct json *json, char bracket)
{
	json->p = json_place(json, JSON_TAKEN);
	*json->p++ = bracket;
	json->follows = true;
}

void json_begin(struct json *json, char *line, FILE *out)
{
	json->p = out ? json->room : line;
	json->out = out;
	json->follows = false;
	json_open(json, NULL, '{');
}

char *json_end(struct json *json)
{
	json_close(json, '}');
	*json->p++ = '\n';
	return json_place(json, 0);
}

void json_string(struct json *json, const char *key, const char *text)
{
	if (!text)
		return;
	json->p = json_key(json, key);
	*json->p++ = '"';
	while (*text)
		json->p = escape_json(json_place(json, JSON_TAKEN), &text);
	*json->p++ = '"';
}

void json_raw(struct json *json, const char *value)
{
	json->p = json_key(json, NULL);
	while (*value) {
		json->p = json_place(json, JSON_TAKEN);
		*json->p++ = *value++;
	}
}

void json_bool(struct json *json, const char *key, bool value)
{
	json_literal(json, key, value ? "true" : "false");
}

void json_int(struct json *json, const char *key, int number)
{
	char *p = json_key(json, key);

	if (number < 0)
		*p++ = '-';
	json->p = put_number(p, number < 0 ? -(uint64_t)number : (uint64_t)number);
}
