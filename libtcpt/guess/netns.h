/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Network namespaces of the guesser's own. */
#ifndef TCPT_NETNS_H
#define TCPT_NETNS_H

#include <stdbool.h>
#include <stdint.h>

struct netns {
	bool is_private;
	bool any_ipv6; /* every address of fd00::/8 is its own */
	uint32_t inode; /* of the namespace that the thread is in; 0: none */
};

int netns_enter_new(struct netns *ns);
int netns_current(struct netns *ns);

#endif
