/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A guess. */
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
	const struct tcpt_offsets *document; /* to verify, or NULL */
	char via[16];
	struct netns netns;
	bool is_selected; /* the wanted fields were named one by one */
	bool has_netns; /* a namespace's inode could be seen */
	bool has_ipv6; /* connections of IPv6 sockets could be made */
	bool is_single_netns; /* there could be no second namespace */
	int namespaces; /* entered so far */
	int fdtables; /* used so far */
	int other[NONTCP_SOCKETS]; /* sockets that are not TCP; -1 where there is none */
	unsigned int connections;
	uint64_t duration_ns;
	unsigned int solving; /* of the snapshots, the first ones; the others are to confirm */
	unsigned int snapshots;
	struct snapshot *snap[SNAPSHOTS_MAX];
	struct memory mem; /* as it was while solving */
	struct memory fresh; /* as it was while confirming */
	struct solution solution;
	struct tcpt_check check[FIELD_COUNT];
	struct tcpt_offsets *offsets;
};
/* Tries again where the hook missed something. Without such connections no snapshot is added. */
int guess_observe(struct tcpt_guess *guess, enum pair_kind kind);

struct tcpt_guess *guess_new(const struct tcpt_log *log, const struct tcpt_offsets *document);

/*
 * Opens kmem, and runs plan in a thread of its own, in a network namespace of its own
 * where there may be one. Its name, namespaces and descriptors end with it.
 */
int guess_in_thread(struct tcpt_guess *guess, enum tcpt_via via,
		    int (*plan)(struct tcpt_guess *guess, struct table_thread *table));

#endif
