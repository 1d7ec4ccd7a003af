// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The value of a filter, as tcpt-filter takes and shows it. */
#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "maps/filter-list.h"

/* A comma would end the name. escape_word() writes blanks as \xNN, and - for no name. */
static char *put_name(char *p, const char *name)
{
	char escaped[6 * sizeof(((struct tcpt_filter *)0)->bytes) + 1];

	*escape_word(escaped, name) = '\0';
	for (const char *c = escaped; *c; c++)
		if (*c == ',')
			p = put_text(p, "\\x2c");
		else
			*p++ = *c;
	return p;
}

static char *put_network(char *p, const struct tcpt_filter *filter)
{
	p = put_address(p, filter->family, filter->bytes);
	if (filter->value == (filter->family == 4 ? 32 : 128))
		return p;
	*p++ = '/';
	return put_number(p, filter->value);
}

static char *put_ports(char *p, const struct tcpt_filter *filter)
{
	p = put_number(p, filter->value);
	if (!filter->last)
		return p;
	*p++ = '-';
	return put_number(p, filter->last);
}

static char *put_value(char *p, const struct tcpt_filter *filter, enum tcpt_filter_key key)
{
	const char *name;

	if (key == TCPT_FILTER_TYPE)
		name = tcpt_event_type_name((enum tcpt_event_type)filter->value);
	else if (key == TCPT_FILTER_ROLE)
		name = event_role_name((enum tcpt_role)filter->value);
	else if (key == TCPT_FILTER_COMM)
		return put_name(p, (const char *)filter->bytes);
	else if (filter_list_is_address(key))
		return put_network(p, filter);
	else
		return put_ports(p, filter); /* or a number */
	return name ? put_text(p, name) : put_number(p, filter->value);
}

/* A number is one of JSON too. All else is a string, and only a name may need escapes. */
static char *put_json(char *p, const struct tcpt_filter *filter, enum tcpt_filter_key key)
{
	struct json json = { .p = p };
	char text[TCPT_FILTER_VALUE_MAX];

	if (key == TCPT_FILTER_COMM) {
		json_string(&json, NULL, (const char *)filter->bytes);
		return json.p;
	}
	*put_value(text, filter, key) = '\0';
	if (strspn(text, "0123456789") == strlen(text))
		return put_text(p, text);
	json_word(&json, NULL, text);
	return json.p;
}

TCPT_API size_t tcpt_filter_format(const struct tcpt_filter *filter, enum tcpt_format format,
				   char *buf)
{
	enum tcpt_filter_key key;
	char *end = buf;
	bool is_hidden;

	if (!buf)
		return 0;
	if (filter && tcpt_filter_key_name(filter->key)) {
		key = filter_list_sort(filter->key, &is_hidden);
		if (format == TCPT_FORMAT_TEXT)
			end = put_value(buf, filter, key);
		else if (format == TCPT_FORMAT_JSON)
			end = put_json(buf, filter, key);
	}
	*end = '\0';
	return end - buf;
}
