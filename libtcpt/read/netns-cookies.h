/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The inodes of network namespaces, by their cookies. */
#ifndef TCPT_NETNS_COOKIES_H
#define TCPT_NETNS_COOKIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed one is empty. */
struct netns_cookies {
	struct netns_cookie {
		uint32_t cookie;
		uint32_t inode; /* 0: it has not been found, and will not be */
	} * known; /* in the order of cookies */
	size_t count;
	uint64_t looked; /* when it looked last, ns */
	bool is_confined; /* it may not enter other namespaces */
};

/*
 * Returns the inode of the namespace that has this cookie; 0 if it is not known, because it
 * has ended or cannot be entered. It looks at the namespaces of all processes when it meets
 * a new cookie, but not often.
 */
uint32_t netns_cookies_inode(struct netns_cookies *cookies, uint32_t cookie);
void netns_cookies_free(struct netns_cookies *cookies);

#endif
