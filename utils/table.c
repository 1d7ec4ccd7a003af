// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "table-draw.h"
#include "width.h"

static bool make_room(struct table *table)
{
	size_t room = table->room ? 2 * table->room : 64;
	char **cells;

	if (table->used < table->room)
		return true;
	cells = realloc(table->cells, room * sizeof(*cells));
	if (!cells)
		return false;
	table->cells = cells;
	table->room = room;
	return true;
}

void table_add(struct table *table, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (table->lacks_memory || !make_room(table) ||
	    vasprintf(&table->cells[table->used], format, arguments) < 0)
		table->lacks_memory = true;
	else
		table->used++;
	va_end(arguments);
}

/* Half a number would be another one. What is not known may stand among numbers. */
static bool is_number(const char *cell)
{
	return !cell[strspn(cell, "0123456789-")];
}

static void widen(struct table_column *column, const char *cell)
{
	unsigned int width = width_of(cell);

	if (column->width < width)
		column->width = width;
}

static void measure(struct table *table)
{
	for (unsigned int i = 0; !table->no_heading && i < table->n; i++)
		widen(&table->columns[i], table->columns[i].heading);
	for (size_t i = 0; i < table->used; i++) {
		struct table_column *column = &table->columns[i % table->n];

		widen(column, table->cells[i]);
		column->can_cut |= !is_number(table->cells[i]);
	}
}

#define CUT_LEAST 12 /* no heading is wider */

/* Makes the widest columns narrower until a line fits. */
static void fit(struct table *table, unsigned int line)
{
	unsigned int used = table->n - 1;

	for (unsigned int i = 0; i < table->n; i++)
		used += table->columns[i].width;
	for (; used > line; used--) {
		struct table_column *widest = NULL;

		for (unsigned int i = 0; i < table->n; i++) {
			struct table_column *column = &table->columns[i];

			if (column->can_cut && column->width > CUT_LEAST &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			return;
		widest->width--;
	}
}

static void cut(struct table *table)
{
	for (size_t i = 0; i < table->used; i++) {
		const struct table_column *column = &table->columns[i % table->n];

		if (width_of(table->cells[i]) <= column->width)
			continue;
		if (column->has_port)
			cut_address(table->cells[i], column->width);
		else
			cut_end(table->cells[i], column->width);
	}
}

void table_lay_out(struct table *table, unsigned int line)
{
	measure(table);
	if (!line)
		return;
	fit(table, line);
	cut(table);
}

static void draw(const struct table *table, struct text *out)
{
#ifdef HAVE_SMARTCOLS
	if (!table->has_color && table_draw_smartcols(table, out))
		return;
#endif
	table_draw_plain(table, out);
}

void table_end(struct table *table, unsigned int line, struct text *out)
{
	table_lay_out(table, line);
	if (table->lacks_memory)
		out->is_cut = true;
	else
		draw(table, out);
	for (size_t i = 0; i < table->used; i++)
		free(table->cells[i]);
	free(table->cells);
}

int table_print(struct table *table, const struct cli *cli)
{
	struct text text = {};
	char *lines;

	table_end(table, 0, &text);
	lines = text_end(&text);
	if (!lines) {
		cli_error(cli, "cannot make the table: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	fputs(lines, stdout);
	free(lines);
	return 0;
}
