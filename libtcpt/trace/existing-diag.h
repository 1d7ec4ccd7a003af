/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The connections and connects under way that are older than the trace. */
#ifndef TCPT_EXISTING_DIAG_H
#define TCPT_EXISTING_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpt_abi.h"

struct netns_set;

/* What the kernel says of a socket now. */
struct diag {
	uint8_t state; /* enum tcpt_abi_tcp_state */
	bool has_figures; /* the members below but the queues are known */
	uint32_t receive_queue; /* bytes that are not read; of a listener, connections that wait */
	uint32_t send_queue; /* bytes that are not acknowledged; of a listener, how many may wait */
	uint64_t bytes_acked; /* as the kernel counts them, with SYN and FIN */
	uint64_t bytes_received;
	uint32_t srtt_us;
	uint32_t retransmits;
};

/* A connection that some descriptor refers to. */
struct older {
	uint32_t inode; /* of its socket */
	struct tcpt_abi_conn conn;
	struct diag diag;
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
	/* Sockets without a descriptor are wanted too, and listeners are among older. */
	bool wants_all;
	uint32_t netns_cookie; /* of the namespace that is being asked; 0: not known */
	int protocol; /* that is being asked for */
	unsigned int unreached; /* network namespaces that could not be asked */
};

/*
 * Adds all open connections, connects under way and listeners of these network
 * namespaces. Runs in a thread of its own.
 */
int existing_diag_take(struct stock *stock, const struct netns_set *set);
void existing_diag_free(struct stock *stock);

#endif
