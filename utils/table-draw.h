/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two ways to draw the same lines of a table whose columns have their widths. */
#ifndef TABLE_DRAW_H
#define TABLE_DRAW_H

#include <stdbool.h>

#include "table.h"
#include "text.h"

void table_draw_plain(const struct table *table, struct text *out);

#ifdef HAVE_SMARTCOLS
/* By libsmartcols, which draws no table without rows. Returns false if nothing was drawn. */
bool table_draw_smartcols(const struct table *table, struct text *out);
#endif

#endif
