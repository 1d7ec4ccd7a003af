/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odd: awkward TCP workloads, each of which records what it really did.
 *
 * Every workload runs in a process and in network namespaces of its own, over
 * loopback only. A step gives the process a name of its own, so an event that
 * is put down to another moment than its own shows by the name it carries.
 */
#ifndef ODD_H
#define ODD_H

#include <stdbool.h>
#include <sys/types.h>

#include "die.h"
#include "netns.h"
#include "process.h"
#include "record.h"
#include "socket.h"

#define NETNS_MAX 3

/* One end of a connection, or of an attempt at one */
struct odd_end {
	int fd;
	struct tuple at;
	pid_t opener;
	unsigned long long netns;
	bool counted; /* the bytes below are known and acknowledged */
	long sent;
	long received;
};

/*
 * This says which attach modes can know a line of the record, and how. ALL: the truth
 * for every mode. NONE: documented that there is no event. Otherwise a mode's name, or
 * a name after '!' for all others.
 */
#define ALL "*"
#define NONE "none"
enum odd_known {
	KNOWN_TRUE, /* as it was */
	KNOWN_LATE, /* as it was or not quite, and marked late: documented */
	KNOWN_OTHER, /* not quite as it was: documented */
};

struct odd_workload {
	const char *name;
	void (*run)(void);
	int n_netns; /* 0 means 1 */
	bool waits; /* takes long because it waits for timers: is started first */
	const char *may_miss; /* attach modes, as words, that may miss events of it, or NULL */
	const char *unless; /* function of a kernel on which no mode misses any, or NULL */
};

/* One table for each family of workloads, ended by a NULL name */
extern const struct odd_workload connect_workloads[];
extern const struct odd_workload refused_workloads[];
extern const struct odd_workload close_workloads[];
extern const struct odd_workload end_workloads[];
extern const struct odd_workload share_workloads[];
extern const struct odd_workload kill_workloads[];
extern const struct odd_workload fastopen_workloads[];
extern const struct odd_workload many_workloads[];
extern const struct odd_workload special_workloads[];
extern const struct odd_workload uring_workloads[];

/* odd.c */
extern int odd_netns[NETNS_MAX]; /* descriptors; the workload starts in the first */

/* odd-record.c: what the workload knows of an event */
void record(enum event event, const struct odd_end *end, const char *how);
void record_known(enum event event, const struct odd_end *end, const char *how, const char *modes,
		  enum odd_known known);
/* The same for another process; comm as it was then. */
void record_for(pid_t pid, const char *comm, enum event event, const struct odd_end *end,
		const char *how, const char *modes, enum odd_known known);
const char *errno_name(int error);

/* odd-socket.c */
void step(const char *comm); /* What is done from here on is done under this name. */
void await_state(unsigned int state); /* of a socket in this namespace */
void await_no_port(unsigned int port); /* no socket in this namespace is there any more */

/* odd-pair.c: steps that are recorded */
void end_local(struct odd_end *end); /* what getsockname says */
void connected(struct odd_end *end); /* fd has been connected, in this step */
void connect_end(struct odd_end *end, enum family family, const union address *to);
void accept_end(struct odd_end *end, int listener);
void connect_failed(struct odd_end *end, const union address *to, int error);
void exchange(struct odd_end *client, struct odd_end *server, long there, long back);
void close_end(struct odd_end *end, const char *comm, const char *how);
void close_after(struct odd_end *end, const char *comm); /* the peer has closed */
/* A listener, and a connection to it */
int pair(struct odd_end *client, struct odd_end *server, enum family family);
/* The client closes first. */
void close_pair(struct odd_end *client, struct odd_end *server);

#endif
