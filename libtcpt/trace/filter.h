/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One filter. */
#ifndef TCPT_FILTER_H
#define TCPT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct tcpt_abi_conn;
struct tcpt_filter;

/* Returns true if it has an address, none of whose bits is behind the prefix. */
bool filter_is_network(const struct tcpt_filter *filter);
/* Clears the bits of the address that are behind the prefix. */
void filter_mask(struct tcpt_filter *filter);
bool filter_is_valid(const struct tcpt_filter *filter);
/* Returns true if the filters hide this connection and its opener, as in the programs. */
bool filter_hides(const struct tcpt_filter *filters, size_t n, const struct tcpt_abi_conn *conn);

#endif
