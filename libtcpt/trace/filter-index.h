/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The marks of filters, in the maps that the programs look into. */
#ifndef TCPT_FILTER_INDEX_H
#define TCPT_FILTER_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_object;
struct tcpt_filter;

struct filter_index {
	int values, marks, networks; /* descriptors of the maps of these names */
};

#define FILTER_INDEX_NONE  \
	{                  \
		-1, -1, -1 \
	}

/*
 * Gives the values of touched the marks that they have by wanted alone, and takes all marks
 * from those that have none. wanted is part of touched. Returns 0 or -errno.
 */
int filter_index_write(const struct filter_index *index, const struct tcpt_filter *touched,
		       size_t touched_count, const struct tcpt_filter *wanted, size_t wanted_count);
/* Returns true if the network of a filter contains that of another. */
bool filter_index_contains(const struct tcpt_filter *outer, const struct tcpt_filter *inner);
/* Returns the maps of a trace that is loaded. Their descriptors are the object's. */
struct filter_index filter_index_of(const struct bpf_object *object);
/* Opens those of a pinned one, of which the caller closes any. Returns 0 or -errno. */
int filter_index_open(struct filter_index *index, const char *dir);
/* Returns false if there is room for whole addresses only. */
bool filter_index_has_tries(const struct filter_index *index);
void filter_index_close(struct filter_index *index);

#endif
