/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A guess: what it was asked for, what it has observed, and what it found. */
#ifndef TCPT_GUESS_H
#define TCPT_GUESS_H

#include "guess/memory.h"
#include "guess/netns.h"
#include "guess/observe.h"
#include "guess/solution.h"
#include "offsets/offsets.h"
#include "tcpt.h"

struct table_thread;
struct kmem;
struct snapshot;

struct tcpt_guess {
	const struct tcpt_log *log;
	struct kmem *kmem;
	bool all_fields;
	bool wanted[FIELD_COUNT];
	bool is_replay;
	bool has_failed;
	const struct tcpt_offsets *document; /* offsets to verify; NULL if there are none */
	char via[16];
	struct netns netns;
	bool is_selected; /* the wanted fields were named one by one */
	bool has_netns; /* the kernel has network namespaces: an inode was seen */
	bool has_ipv6; /* a connection of IPv6 sockets was made */
	bool is_single_netns; /* no second namespace could be made */
	int namespaces; /* number entered so far */
	int fdtables; /* number of further ones used so far */
	int other[NONTCP_SOCKETS]; /* sockets that are not TCP; -1 if one could not be made */
	unsigned int connections;
	uint64_t duration_ns;
	unsigned int solving; /* number of the first snapshots, which solve; the others confirm */
	unsigned int snapshots;
	struct snapshot *snap[SNAPSHOTS_MAX];
	struct memory mem; /* read while solving */
	struct memory fresh; /* read while confirming */
	struct solution solution;
	struct tcpt_check check[FIELD_COUNT];
	struct tcpt_offsets *offsets;
};

/*
 * Observes a connection of this kind, and tries again if the hook missed a change. If
 * the kernel has no IPv6 for it, adds no snapshot and returns 0.
 */
int guess_observe(struct tcpt_guess *guess, enum pair_kind kind);

/* Makes a guess that has not begun. Returns NULL if memory is short. */
struct tcpt_guess *guess_new(const struct tcpt_log *log, const struct tcpt_offsets *document);

/*
 * Opens kmem and runs plan in a thread of its own, in a new network namespace if it may
 * make one. The name, the namespaces and the descriptors of the thread end with it.
 */
int guess_in_thread(struct tcpt_guess *guess, enum tcpt_via via,
		    int (*plan)(struct tcpt_guess *guess, struct table_thread *table));

#endif
