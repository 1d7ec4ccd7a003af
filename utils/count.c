// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "count.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "text.h"
#include "width.h"

struct count_row {
	uint64_t count;
	char values[]; /* as the table shows them: with tabs or, in JSON, commas between */
};

#define ROW_OF(at) ((struct count_row *)((at)-offsetof(struct count_row, values)))
#define VALUE_SIZE 256
#define VALUES_SIZE (COUNT_VALUES_MAX * VALUE_SIZE)

/* ---- values ---- */

static bool has(const struct count *count, int value)
{
	for (unsigned int i = 0; i < count->n; i++)
		if (count->of[i] == (unsigned int)value)
			return true;
	return false;
}

int count_set(struct count *count, const char *list, char name[32])
{
	for (count->n = 0;; list++) {
		size_t size = strcspn(list, ",");
		int value;

		snprintf(name, 32, "%.*s", (int)(size < 31 ? size : 31), list);
		value = tcpt_value_find(name);
		if (value < 0)
			return -EINVAL;
		if (has(count, value))
			return -EEXIST;
		if (count->n == COUNT_VALUES_MAX)
			return -E2BIG;
		count->of[count->n++] = value;
		list += size;
		if (!*list)
			return 0;
	}
}

/* A value that is not known is left out in JSON, and else is "-". */
static void put_values(const struct count *count, const struct tcpt_event *event, char *p)
{
	bool is_json = count->format == TCPT_FORMAT_JSON;
	const char *start = p;

	for (unsigned int i = 0; i < count->n; i++) {
		char *value = p > start ? p + 1 : p;
		size_t size = is_json ? tcpt_value_json(event, count->of[i], value) :
					tcpt_value_format(event, count->of[i], value);

		if (!size && is_json)
			continue;
		if (!size)
			value[size++] = '-';
		if (value > p)
			*p = is_json ? ',' : '\t';
		p = value + size;
	}
	*p = '\0';
}

/* ---- counting ---- */

static int compare_values(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool make_room(struct count *count)
{
	size_t room = count->room ? 2 * count->room : 64;
	struct count_row **rows;

	if (count->used < count->room)
		return true;
	rows = realloc(count->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	count->rows = rows;
	count->room = room;
	return true;
}

/* Adds a row. The tree holds its values. Returns NULL if there is no room. */
static struct count_row *add_row(struct count *count, const char *values)
{
	struct count_row *row;
	size_t size = strlen(values) + 1;

	if (count->used == count->most || !make_room(count))
		return NULL;
	row = calloc(1, sizeof(*row) + size);
	if (!row)
		return NULL;
	memcpy(row->values, values, size);
	if (!tsearch(row->values, &count->tree, compare_values)) {
		free(row);
		return NULL;
	}
	return count->rows[count->used++] = row;
}

void count_add(struct count *count, const struct tcpt_event *event)
{
	char values[VALUES_SIZE];
	struct count_row *row;
	char **found;

	if (event->type == TCPT_EVENT_LOST) {
		count->lost[event->where] += event->count;
		return;
	}
	put_values(count, event, values);
	found = tfind(values, &count->tree, compare_values);
	row = found ? ROW_OF(*found) : add_row(count, values);
	if (row)
		row->count++;
	else
		count->other++;
}

static void keep(void *values)
{
	(void)values; /* of a row, which is freed by itself */
}

static void begin_anew(struct count *count)
{
	tdestroy(count->tree, keep);
	count->tree = NULL;
	for (size_t i = 0; i < count->used; i++)
		free(count->rows[i]);
	count->used = 0;
	count->other = 0;
	memset(count->lost, 0, sizeof(count->lost));
	count->tables++;
}

/* ---- text and tsv ---- */

#define COUNT_WIDTH 8

struct widths {
	unsigned int of[COUNT_VALUES_MAX];
	bool can_cut[COUNT_VALUES_MAX];
};

static size_t value_size(const char *value)
{
	return strcspn(value, "\t");
}

static void copy_value(char text[VALUE_SIZE], const char *value)
{
	snprintf(text, VALUE_SIZE, "%.*s", (int)value_size(value), value);
}

static unsigned int width_of_value(const char *value)
{
	char text[VALUE_SIZE];

	copy_value(text, value);
	return width_of(text);
}

/* Half a number would be another one. What is not known may stand among numbers. */
static bool is_number(const char *value)
{
	return strspn(value, "0123456789-") >= value_size(value);
}

#define CUT_LEAST 12

/* Makes the widest columns narrower until a line fits. */
static void fit(const struct count *count, struct widths *widths)
{
	unsigned int used = COUNT_WIDTH + count->n, *widest;

	for (unsigned int i = 0; i < count->n; i++)
		used += widths->of[i];
	for (; count->columns && used > count->columns; used--) {
		widest = NULL;
		for (unsigned int i = 0; i < count->n; i++)
			if (widths->can_cut[i] && widths->of[i] > CUT_LEAST &&
			    (!widest || widths->of[i] > *widest))
				widest = &widths->of[i];
		if (!widest)
			return;
		--*widest;
	}
}

/* Each column is as wide as its widest value, and its heading if there is one. */
static void measure(const struct count *count, struct widths *widths)
{
	for (unsigned int i = 0; i < count->n; i++)
		widths->of[i] = count->has_heading ? strlen(tcpt_value_name(count->of[i])) : 0;
	for (size_t row = 0; row < count->used; row++) {
		const char *value = count->rows[row]->values;

		for (unsigned int i = 0; i < count->n; i++, value += value_size(value) + 1) {
			unsigned int width = width_of_value(value);

			if (width > widths->of[i])
				widths->of[i] = width;
			widths->can_cut[i] |= !is_number(value);
		}
	}
	fit(count, widths);
}

static bool has_port(unsigned int value)
{
	const char *name = tcpt_value_name(value);

	return !strcmp(name, "local") || !strcmp(name, "remote");
}

/* Writes values in columns; behind the last one there are no blanks. */
static void write_columns(struct text *out, const struct count *count, const char *values,
			  const struct widths *widths)
{
	for (unsigned int i = 0; i < count->n; i++, values += value_size(values) + 1) {
		unsigned int most = widths->of[i], width;
		char text[VALUE_SIZE];

		copy_value(text, values);
		if (width_of(text) > most && has_port(count->of[i]))
			cut_address(text, most);
		else if (width_of(text) > most)
			cut_end(text, most);
		width = width_of(text);
		text_add(out, " %s", text);
		if (i + 1 < count->n && width < most)
			text_add(out, "%*s", (int)(most - width), "");
	}
	text_add(out, "\n");
}

/* Works in any locale: toupper() of Turkish knows no I for i. */
static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static void write_heading(struct text *out, const struct count *count, const struct widths *widths)
{
	char values[VALUES_SIZE], *p = values;

	for (unsigned int i = 0; i < count->n; i++) {
		for (const char *c = tcpt_value_name(count->of[i]); *c; c++)
			*p++ = upper(*c);
		*p++ = '\t';
	}
	*p = '\0';
	text_add(out, "%*s", COUNT_WIDTH, "COUNT");
	write_columns(out, count, values, widths);
}

static const char *const losses[] = {
	[TCPT_WHERE_RING] = "events lost, the ring was full",
	[TCPT_WHERE_CONNS] = "connections not remembered",
	[TCPT_WHERE_PENDING] = "failed connects not reported",
	[TCPT_WHERE_POSITION] = "events passed over, the position was moved",
};

static void write_text(struct text *out, const struct count *count)
{
	struct widths widths = {};

	measure(count, &widths);
	if (count->repeats && count->tables)
		text_add(out, "\n");
	if (count->has_heading)
		write_heading(out, count, &widths);
	for (size_t i = 0; i < count->used; i++) {
		text_add(out, "%*" PRIu64, COUNT_WIDTH, count->rows[i]->count);
		write_columns(out, count, count->rows[i]->values, &widths);
	}
	if (count->other)
		text_add(out, "-- %" PRIu64 " other events: there is room for %zu rows --\n",
			 count->other, count->most);
	for (int where = 0; where < TCPT_WHERES; where++)
		if (count->lost[where])
			text_add(out, "-- %" PRIu64 " %s --\n", count->lost[where], losses[where]);
}

/* Lines that are no row begin with #, and a row begins with its count. */
static void write_tsv(struct text *out, const struct count *count)
{
	if (count->repeats && count->tables)
		text_add(out, "\n");
	for (size_t i = 0; i < count->used; i++)
		text_add(out, "%" PRIu64 "\t%s\n", count->rows[i]->count, count->rows[i]->values);
	if (count->other)
		text_add(out, "#other\t%" PRIu64 "\n", count->other);
	for (int where = 0; where < TCPT_WHERES; where++)
		if (count->lost[where])
			text_add(out, "#lost\t%" PRIu64 "\t%s\n", count->lost[where],
				 tcpt_where_name(where));
}

/* ---- JSON ---- */

static void begin_object(struct text *out, const struct count *count)
{
	text_add(out, "{");
	if (count->repeats)
		text_add(out, "\"interval\":%" PRIu64 ",", count->tables + 1);
}

static void write_json(struct text *out, const struct count *count)
{
	for (size_t i = 0; i < count->used; i++) {
		const struct count_row *row = count->rows[i];

		begin_object(out, count);
		text_add(out, "%s%s\"count\":%" PRIu64 "}\n", row->values, *row->values ? "," : "",
			 row->count);
	}
	if (count->other) {
		begin_object(out, count);
		text_add(out, "\"other\":%" PRIu64 "}\n", count->other);
	}
	for (int where = 0; where < TCPT_WHERES; where++) {
		if (!count->lost[where])
			continue;
		begin_object(out, count);
		text_add(out, "\"lost\":%" PRIu64 ",\"where\":\"%s\"}\n", count->lost[where],
			 tcpt_where_name(where));
	}
}

/* ---- any ---- */

static int compare_rows(const void *a, const void *b)
{
	const struct count_row *x = *(struct count_row *const *)a;
	const struct count_row *y = *(struct count_row *const *)b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->values, y->values);
}

char *count_table(struct count *count)
{
	struct text text = {};
	char *table;

	if (count->used)
		qsort(count->rows, count->used, sizeof(*count->rows), compare_rows);
	if (count->format == TCPT_FORMAT_JSON)
		write_json(&text, count);
	else if (count->format == TCPT_FORMAT_TSV)
		write_tsv(&text, count);
	else
		write_text(&text, count);
	table = text_end(&text);
	if (table)
		begin_anew(count);
	return table;
}
