/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The connections and connects under way that are older than the trace. */
#ifndef TCPT_EXISTING_DIAG_H
#define TCPT_EXISTING_DIAG_H

#include <stddef.h>
#include <stdint.h>

#include "tcpt_abi.h"

struct netns_set;

/* A connection that some descriptor refers to. */
struct older {
	uint32_t inode; /* of its socket */
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
	uint32_t netns_cookie; /* of the namespace that is being asked; 0: not known */
	unsigned int unreached; /* network namespaces that could not be asked */
};

/*
 * Adds all open connections, connects under way and listeners of these network
 * namespaces. Runs in a thread of its own.
 */
int existing_diag_take(struct stock *stock, const struct netns_set *set);
void existing_diag_free(struct stock *stock);

#endif
