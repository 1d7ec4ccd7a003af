/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Taking stock of the connections that were open before the trace. */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include "internal.h"
#include "tcpt_abi.h"

/* A connection that some descriptor refers to. */
struct older {
	uint32_t inode; /* of its socket */
	uint64_t born; /* start time of the process that is its opener, clock ticks */
	struct tcpt_abi_conn conn;
};

struct listener {
	uint32_t netns;
	uint16_t port;
};

struct stock {
	struct older *older;
	size_t count;
	struct listener *listeners;
	size_t listener_count;
	unsigned int unreached; /* network namespaces that could not be asked */
};

/* ---- existing-diag.c ----------------------------------------------------- */

/*
 * Adds all open connections and listeners of all network namespaces that some
 * process is in or that has a name. Runs in a thread of its own.
 */
int diag_take(struct stock *stock);
void stock_free(struct stock *stock);

/* ---- existing-netns.c ---------------------------------------------------- */

struct netns_set {
	struct netns_known {
		uint64_t inode;
		int fd; /* negative errno if it cannot be opened */
	} *known;
	size_t count;
};

int netns_find_all(struct netns_set *set);
void netns_forget_all(struct netns_set *set);

/* ---- existing-holder.c --------------------------------------------------- */

/*
 * Fills in the opener of each connection: the process that holds it, and the
 * oldest of several. Sorts the stock by inode.
 */
void holders_find(struct stock *stock);

#endif
