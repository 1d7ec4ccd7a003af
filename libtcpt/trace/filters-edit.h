/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lists of filters that an edit goes through. */
#ifndef TCPT_FILTERS_EDIT_H
#define TCPT_FILTERS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "tcpt_abi.h"

struct tcpt_filter;
struct tcpt_filters_edit;

/* The filters before the edit, those before and after it together, and those after it. */
struct filters_edit {
	struct tcpt_filter *old, *both, *new;
	size_t old_count, both_count, new_count;
};

/* Makes the other lists from the old one. Returns 0 or -ENOMEM. */
int filters_edit_make(struct filters_edit *lists, const struct tcpt_filters_edit *edit);
void filters_edit_free(struct filters_edit *lists);
bool filters_edit_has(const struct tcpt_filter *list, size_t n, const struct tcpt_filter *filter);
/* Returns the switches of the new filters. */
struct tcpt_abi_switches filters_edit_switches(const struct filters_edit *lists);

#endif
