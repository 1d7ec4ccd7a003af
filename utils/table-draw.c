// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "table-draw.h"

#include "width.h"

static void draw_text(struct text *out, const char *text, const char *color)
{
	if (color && *text)
		text_add(out, "\033[%sm%s\033[m", color, text);
	else
		text_add(out, "%s", text);
}

/* Behind the last column there are no blanks. */
static void draw_cell(struct text *out, const struct table *table, unsigned int i, const char *cell,
		      const char *color)
{
	const struct table_column *column = &table->columns[i];
	unsigned int width = width_of(cell);
	bool is_last = i + 1 == table->n;
	int blanks = width < column->width ? column->width - width : 0;

	if (i)
		text_add(out, " ");
	if (is_last && (!column->right || !*cell))
		blanks = 0;
	if (column->right)
		text_add(out, "%*s", blanks, "");
	draw_text(out, cell, color);
	if (!column->right)
		text_add(out, "%*s", blanks, "");
	if (is_last)
		text_add(out, "\n");
}

void table_draw_plain(const struct table *table, struct text *out)
{
	for (unsigned int i = 0; !table->no_heading && i < table->n; i++)
		draw_cell(out, table, i, table->columns[i].heading, table->has_color ? "1" : NULL);
	for (size_t i = 0; i < table->used; i++) {
		const struct table_column *column = &table->columns[i % table->n];
		bool has_color = table->has_color && column->color;

		draw_cell(out, table, i % table->n, table->cells[i],
			  has_color ? column->color(table->cells[i]) : NULL);
	}
}
