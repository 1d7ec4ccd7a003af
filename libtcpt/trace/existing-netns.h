/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A set of network namespaces. */
#ifndef TCPT_EXISTING_NETNS_H
#define TCPT_EXISTING_NETNS_H

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

/* path leads to this one, or if inode is 0 perhaps to one, unless that has gone by now. */
int existing_netns_add(struct netns_set *set, uint64_t inode, const char *path);
/* Those that are mounted, as a task sees it: its directory in /proc. */
int existing_netns_add_mounted(struct netns_set *set, const char *task);
/* A descriptor of a network namespace, given one of its path; -ENOENT if it is none. */
int existing_netns_open(int at);
void existing_netns_forget(struct netns_set *set);

#endif
