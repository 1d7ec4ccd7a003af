/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A control group for a command and all processes that it starts. It is a child of this
 * process's own, so that limits hold in it too. At the end, whatever it is, the processes
 * that are left go back to where they would have been, and the group is removed: by a
 * process of its own, the guardian, if this one is killed.
 */
#ifndef SUBTREE_H
#define SUBTREE_H

#include <sys/types.h>

#include "cli.h"

struct subtree {
	int parent; /* the directory of this process's group */
	int dir; /* the new one */
	int alive; /* the pipe whose end tells the guardian that this process has ended */
	pid_t guardian;
	char name[32];
};

#define SUBTREE_NONE                                 \
	{                                            \
		.parent = -1, .dir = -1, .alive = -1 \
	}

/*
 * Makes the group, and moves a process into it. This process is in a mount namespace of its
 * own, in which it mounts the hierarchy if that is mounted nowhere. Returns 0 or a negative
 * errno, after a message. subtree_end() comes in any case.
 */
int subtree_make(struct subtree *subtree, pid_t member, const struct cli *cli);

/* Sets the filter that selects what members of the group do. */
int subtree_filter(const struct subtree *subtree, struct tcpt_filter *filter,
		   const struct tcpt_log *log);

void subtree_end(struct subtree *subtree);

#endif
