/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Network namespaces of the guess's own. */
#ifndef TCPT_NETNS_H
#define TCPT_NETNS_H

#include <stdbool.h>
#include <stdint.h>

struct netns {
	bool is_private;
	bool any_ipv6; /* every address of fd00::/8 is the namespace's own */
	uint32_t inode; /* of the thread's namespace; 0 if it cannot be seen */
};

/* Makes a network namespace with its loopback up, and enters it. */
int netns_enter_new(struct netns *ns);
/* Reads the inode of the thread's namespace. */
int netns_current(struct netns *ns);

#endif
