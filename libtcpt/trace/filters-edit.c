// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lists of filters that an edit goes through. */
#include "internal.h"
#include "maps/filter-list.h"
#include "trace/filters-edit.h"

bool filters_edit_has(const struct tcpt_filter *list, size_t n, const struct tcpt_filter *filter)
{
	for (size_t i = 0; i < n; i++)
		if (!filter_list_compare(&list[i], filter))
			return true;
	return false;
}

void filters_edit_free(struct filters_edit *lists)
{
	free(lists->old);
	free(lists->both);
	free(lists->new);
}

/* Appends those that are not in the other list. */
static void append_but(struct tcpt_filter *to, size_t *count, const struct tcpt_filter *list,
		       size_t n, const struct tcpt_filter *but, size_t but_count)
{
	for (size_t i = 0; i < n; i++)
		if (!filters_edit_has(but, but_count, &list[i]))
			to[(*count)++] = list[i];
}

int filters_edit_make(struct filters_edit *lists, const struct tcpt_filters_edit *edit)
{
	size_t most = lists->old_count + edit->add_count + 1;

	lists->both = calloc(most, sizeof(*lists->both));
	lists->new = calloc(most, sizeof(*lists->new));
	if (!lists->both || !lists->new)
		return -ENOMEM;
	append_but(lists->both, &lists->both_count, lists->old, lists->old_count, edit->add,
		   edit->add_count);
	append_but(lists->both, &lists->both_count, edit->add, edit->add_count, NULL, 0);
	append_but(lists->new, &lists->new_count, lists->old, lists->old_count, edit->remove,
		   edit->remove_count);
	append_but(lists->new, &lists->new_count, edit->add, edit->add_count, NULL, 0);
	return 0;
}

struct tcpt_abi_switches filters_edit_switches(const struct filters_edit *lists)
{
	struct tcpt_abi_switches on = {};

	for (size_t i = 0; i < lists->new_count; i++) {
		const struct tcpt_filter *filter = &lists->new[i];

		on.keys |= 1U << filter->key;
		if (filter->key == TCPT_FILTER_TYPE)
			on.types |= 1U << filter->value;
		if (filter->key == TCPT_FILTER_NOT_TYPE)
			on.types |= 1U << (filter->value + TCPT_ABI_TYPES_HIDDEN);
	}
	return on;
}
