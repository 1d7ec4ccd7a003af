// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "count.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "text.h"

struct count_row {
	uint64_t count;
	char values[]; /* as the table shows them: with tabs or, in JSON, commas between */
};

#define ROW_OF(at) ((struct count_row *)((at)-offsetof(struct count_row, values)))
#define VALUES_MAX (TCPT_LINE_MAX - 64) /* of a line, which has a count too */
#define VALUES_SIZE (VALUES_MAX + TCPT_VALUE_MAX)
#define HEADING_SIZE 32

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

/*
 * A value that is not known, or that takes more than its part of a line, is left out in
 * JSON, and else is "-".
 */
static void put_values(const struct count *count, const struct tcpt_event *event, char *p)
{
	bool is_json = count->format == TCPT_FORMAT_JSON;
	const char *start = p;

	for (unsigned int i = 0; i < count->n; i++) {
		char *value = p > start ? p + 1 : p;
		size_t size = is_json ? tcpt_value_json(event, count->of[i], value) :
					tcpt_value_format(event, count->of[i], value);

		if (size >= VALUES_MAX / count->n)
			size = 0;
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
	if (event->type == TCPT_EVENT_OVERWRITTEN) {
		count->overwritten += event->count;
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
	count->overwritten = 0;
	count->tables++;
}

/* ---- text and tsv ---- */

static bool has_port(const char *name)
{
	return !strcmp(name, "local") || !strcmp(name, "remote");
}

/* Works in any locale: toupper() of Turkish knows no I for i. */
static const char *heading_of(const char *name, char *heading)
{
	char *p = heading;

	for (; *name; name++)
		*p++ = *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name;
	*p = '\0';
	return heading;
}

static void add_values(struct table *table, const char *values)
{
	for (unsigned int i = 1; i < table->n; i++) {
		int size = strcspn(values, "\t");

		table_add(table, "%.*s", size, values);
		values += size + 1;
	}
}

static void write_table(struct text *out, const struct count *count)
{
	struct table table = { .columns = { { .heading = "COUNT", .right = true } },
			       .n = count->n + 1,
			       .no_heading = !count->has_heading };
	char headings[COUNT_VALUES_MAX][HEADING_SIZE];

	for (unsigned int i = 0; i < count->n; i++) {
		const char *name = tcpt_value_name(count->of[i]);

		table.columns[i + 1] =
			(struct table_column){ .heading = heading_of(name, headings[i]),
					       .has_port = has_port(name) };
	}
	for (size_t i = 0; i < count->used; i++) {
		table_add(&table, "%" PRIu64, count->rows[i]->count);
		add_values(&table, count->rows[i]->values);
	}
	table_end(&table, count->columns, out);
}

static const char *const losses[] = {
	[TCPT_WHERE_RING] = "events lost, the ring was full",
	[TCPT_WHERE_CONNS] = "connections not remembered",
	[TCPT_WHERE_PENDING] = "failed connects not reported",
	[TCPT_WHERE_POSITION] = "events passed over, the position was moved",
};

static void write_text(struct text *out, const struct count *count)
{
	if (count->repeats && count->tables)
		text_add(out, "\n");
	write_table(out, count);
	if (count->other)
		text_add(out, "-- %" PRIu64 " other events: there is room for %zu rows --\n",
			 count->other, count->most);
	for (int where = 0; where < TCPT_WHERES; where++)
		if (count->lost[where])
			text_add(out, "-- %" PRIu64 " %s --\n", count->lost[where], losses[where]);
	if (count->overwritten)
		text_add(out, "-- %" PRIu64 " events overwritten before they were read --\n",
			 count->overwritten);
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
	if (count->overwritten)
		text_add(out, "#overwritten\t%" PRIu64 "\n", count->overwritten);
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
	if (count->overwritten) {
		begin_object(out, count);
		text_add(out, "\"overwritten\":%" PRIu64 "}\n", count->overwritten);
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
