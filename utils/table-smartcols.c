// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <libsmartcols.h>
#include <locale.h>
#include <stdlib.h>

#include "table-draw.h"
#include "width.h"

/* Headings that are not drawn would widen columns. */
static const char *heading_of(const struct table *table, unsigned int i)
{
	return table->no_heading ? NULL : table->columns[i].heading;
}

/* Cells are text already: nothing in them has to be escaped. */
static int fill(struct libscols_table *lines, const struct table *table)
{
	struct libscols_line *line = NULL;
	int err = scols_table_enable_noencoding(lines, 1);

	scols_table_enable_noheadings(lines, table->no_heading);
	scols_table_set_termforce(lines, SCOLS_TERMFORCE_NEVER);
	for (unsigned int i = 0; i < table->n && !err; i++)
		if (!scols_table_new_column(lines, heading_of(table, i), 0,
					    table->columns[i].right ? SCOLS_FL_RIGHT : 0))
			err = -1;
	for (size_t i = 0; i < table->used && !err; i++) {
		if (i % table->n == 0)
			line = scols_table_new_line(lines, NULL);
		err = line ? scols_line_set_data(line, i % table->n, table->cells[i]) : -1;
	}
	return err;
}

bool table_draw_smartcols(const struct table *table, struct text *out)
{
	struct libscols_table *lines = table->used ? scols_new_table() : NULL;
	locale_t before = uselocale(width_locale());
	char *drawn = NULL;

	if (lines && !fill(lines, table) && !scols_print_table_to_string(lines, &drawn))
		text_add(out, "%s\n", drawn);
	uselocale(before);
	scols_unref_table(lines);
	free(drawn);
	return drawn;
}
