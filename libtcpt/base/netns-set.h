/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A set of network namespaces, and their cookies. */
#ifndef TCPT_NETNS_SET_H
#define TCPT_NETNS_SET_H

#include <stddef.h>
#include <stdint.h>

struct netns_known {
	uint64_t inode;
	int fd; /* negative errno if it cannot be opened */
};

struct netns_set {
	struct netns_known *known;
	size_t count;
};

/*
 * Adds the network namespace that path leads to, if it is still there. If inode is 0, path
 * may lead to something else, which is not added.
 */
int netns_set_add(struct netns_set *set, uint64_t inode, const char *path);
/* Adds those that are mounted where a task sees them. task is its directory in /proc. */
int netns_set_add_mounted(struct netns_set *set, const char *task);
/* Opens the network namespace that an O_PATH descriptor refers to; -ENOENT if it is none. */
int netns_set_open(int at);
/* Returns the cookie of a socket's namespace; 0: not known, or above 32 bits. Linux 5.14. */
uint32_t netns_set_cookie(int socket);
void netns_set_forget(struct netns_set *set);

#endif
