/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The filters that are in the maps of a trace. */
#ifndef TCPT_FILTER_LIST_H
#define TCPT_FILTER_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tcpt.h"
#include "tcpt_abi.h"
#include "tcpt_abi_filter.h"

/*
 * Lists all values of the map filters, sorted by key and value, also those whose key or
 * type is off: they take room too. It looks up no value, and so disturbs no program. The
 * caller frees *out.
 */
int filter_list_read(int map, struct tcpt_filter **out, size_t *count);
/* Returns what is on in the map control. */
struct tcpt_abi_switches filter_list_switches(const struct tcpt_abi_control *control);
bool filter_list_is_on(struct tcpt_abi_switches on, const struct tcpt_filter *filter);
/* Returns the key of the same values that selects them, and whether this one hides them. */
enum tcpt_filter_key filter_list_sort(enum tcpt_filter_key key, bool *is_hidden);
bool filter_list_is_address(enum tcpt_filter_key key);
/* Returns the entry of the map filters that stands for a filter. */
struct tcpt_abi_filter filter_list_entry(const struct tcpt_filter *filter);
/* Compares two filters by the order of the list, for qsort(). */
int filter_list_compare(const void *a, const void *b);

#endif
