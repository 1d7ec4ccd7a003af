/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reconciles a stream of events with the kernel's counters. These are read again and again
 * while the stream is read, because the events that belong to a reading come after it.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>

#include "snmp.h"

#define AUDIT_POINTS 64
#define AUDIT_CPUS 1024

enum audit_item {
	AUDIT_ACTIVE_OPENS, /* connect and fail */
	AUDIT_PASSIVE_OPENS, /* accept */
	AUDIT_ATTEMPT_FAILS, /* fail, but for those that were closed first */
	AUDIT_ITEMS,
};

/* A reading, and what had happened before it. */
struct audit_point {
	struct snmp of;
	uint64_t events[AUDIT_ITEMS];
	uint64_t edge[AUDIT_ITEMS]; /* that happened while it was read, or as good as then */
	uint64_t older[AUDIT_ITEMS]; /* of the events: what began at an unknown time */
};

struct audit {
	const char *pid; /* a process of the namespace */
	uint64_t netns; /* its inode */
	struct audit_point first;
	bool has_begun;
	struct audit_point points[AUDIT_POINTS]; /* the newest ones */
	unsigned int n; /* of all points so far */
	uint64_t events[AUDIT_ITEMS]; /* since the first point */
	uint64_t older[AUDIT_ITEMS]; /* of these, what may have begun before the trace */
	struct snmp_sockets before; /* at the first point */
	uint64_t seq[AUDIT_CPUS]; /* the last number of each processor; 0: none yet */
	uint64_t numbered, skipped; /* events, and numbers that did not come */
	uint64_t lost; /* events that the stream itself says are lost */
};

/* Reads the counters. Returns 0 or a negative errno. */
int audit_look(struct audit *audit);

/* Takes an object, which is a line of the stream. Returns false if it is none. */
bool audit_take(struct audit *audit, char *line);

struct audit_balance {
	uint64_t kernel, stream;
	uint64_t known; /* of what the kernel has more: why is known */
	uint64_t older; /* of what the stream has more: so many began before the trace */
	uint64_t edge; /* that cannot be told from those before or after a reading */
	bool is_balanced;
};

struct audit_result {
	struct audit_balance of[AUDIT_ITEMS];
	struct snmp_sockets after;
	uint64_t begin_ns, end_ns;
};

/*
 * Makes the balance up to the last reading whose events have all come by now. -EAGAIN: there
 * was no time for one.
 */
int audit_end(const struct audit *audit, struct audit_result *result);

#endif
