/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The connections that a pinned trace remembers. */
#ifndef TCPT_CONNS_H
#define TCPT_CONNS_H

#include <stddef.h>

#include "tcpt_abi.h"

struct conns {
	struct tcpt_abi_conn *of;
	size_t count;
};

/*
 * Reads the connections that are open in the trace pinned in dir, in the order of their ids.
 * Those that filters of the trace hide are left out.
 */
int conns_read(struct conns *conns, const char *dir);
void conns_free(struct conns *conns);

#endif
