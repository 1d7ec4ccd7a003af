/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Taking stock of the connections that were open, or under way, before the trace. */
#ifndef TCPT_EXISTING_H
#define TCPT_EXISTING_H

#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "internal.h"
#include "tcpt_abi.h"

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
	unsigned int unreached; /* network namespaces that could not be asked */
};

/* ---- existing-netns.c ---------------------------------------------------- */

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

/* ---- existing-mounts.c --------------------------------------------------- */

struct mount {
	dev_t dev; /* of its superblock */
	char type[32];
	char root[64]; /* cut off if it is longer */
	char point[1024];
};

/* The next line of a mountinfo. */
bool mount_read(FILE *mounts, struct mount *mount);
/* Where the cgroup hierarchy of version 2 is mounted; empty if it is not. */
void mount_find_cgroup2(char *path, size_t size);

/* ---- existing-tasks.c ---------------------------------------------------- */

/* A table of descriptors, as one of the threads that share it has it. */
struct table {
	pid_t pid; /* of its process */
	pid_t tid;
	bool known; /* the rest is */
	bool gone; /* the thread has ended since */
	pid_t parent;
	uint64_t born; /* start time of the process, clock ticks */
	struct tcpt_abi_task task;
};

struct hold {
	uint32_t inode; /* of a socket */
	uint32_t table; /* which of the tables has it */
};

/* What all tasks of the host hold and are in, as far as /proc shows it. */
struct census {
	struct netns_set netns;
	uint64_t *mounts; /* inodes of the mount namespaces that have been looked at */
	size_t mounts_count;
	struct table *tables;
	size_t table_count;
	struct hold *holds;
	size_t hold_count;
	bool is_own; /* /proc has the ids of this process's own pid namespace */
	struct rlimit files; /* as it was */
};

int existing_census_take(struct census *census);
void existing_census_forget(struct census *census);
/* "WHATNUMBER]", as links in /proc read. */
bool proc_is_link_to(const char *target, const char *what, uint64_t *number);
/* Moves array where there is room for one more, and may be for others. NULL: out of memory. */
void *array_grow(void *array, size_t count, size_t size);

/* ---- existing-diag.c ----------------------------------------------------- */

/*
 * Adds all open connections, connects under way and listeners of these network
 * namespaces. Runs in a thread of its own.
 */
int existing_diag_take(struct stock *stock, const struct netns_set *set);
void existing_diag_free(struct stock *stock);

/* ---- existing-holder.c --------------------------------------------------- */

/*
 * Fills in the opener of each connection: the process that holds it. Of several
 * it is the one that was started first, of two started at once the parent.
 */
void existing_holder_find(struct stock *stock, struct census *census);

#endif
