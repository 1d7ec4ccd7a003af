/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A census of all tasks of the host: their sockets and their namespaces. */
#ifndef TCPT_EXISTING_CENSUS_H
#define TCPT_EXISTING_CENSUS_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "tcpt_abi.h"
#include "base/netns-set.h"

/* A table of descriptors, seen from one of the threads that share it. */
struct table {
	pid_t pid; /* of its process */
	pid_t tid;
	bool known; /* the members below are filled in */
	bool gone; /* the thread has ended since */
	pid_t parent;
	uint64_t born; /* start time of the process, clock ticks */
	struct tcpt_abi_task task;
};

struct hold {
	uint32_t inode; /* of a socket */
	uint32_t table; /* which of the tables has it */
};

/* The sockets that all tasks hold and the namespaces that they are in, as /proc shows them. */
struct census {
	struct netns_set netns;
	uint64_t *mounts; /* inodes of the mount namespaces that have been looked at */
	size_t mounts_count;
	struct table *tables;
	size_t table_count;
	struct hold *holds;
	size_t hold_count;
	bool is_own; /* /proc has the ids of this process's own pid namespace */
	struct rlimit files; /* the limit before */
};

/* Takes the census, and raises the limit of descriptors meanwhile. */
int existing_census_take(struct census *census);
/* Frees the census, and restores the limit of descriptors. */
void existing_census_forget(struct census *census);

#endif
