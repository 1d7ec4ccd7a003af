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

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NETNS_MAX 3
#define ODD_ABSENT 77 /* exit status of a workload that this kernel cannot do */

enum odd_family {
	V4,
	V6,
	MAPPED
};
enum odd_event {
	EVENT_CONNECT,
	EVENT_ACCEPT,
	EVENT_CLOSE,
	EVENT_FAIL
};

union odd_address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* One end of a connection, or of an attempt at one */
struct odd_end {
	int fd;
	union odd_address local;
	union odd_address remote;
	pid_t opener;
	unsigned long long netns;
	bool counted; /* the bytes below are known and acknowledged */
	long sent;
	long received;
};

/*
 * Which attach modes can know a line of the record, and how. ALL: the truth
 * for every mode. NONE: documented that there is no event. Otherwise a mode's
 * name, or a name after '!' for all others.
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
	const char *may_miss; /* attach modes that may miss events of it, or NULL */
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
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Ends the workload: this kernel cannot do it. */
void absent(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* odd-record.c: one table shared by all processes of a workload */
void record_open(void);
void record_add(enum odd_event event, const struct odd_end *end, const char *how);
void record_known(enum odd_event event, const struct odd_end *end, const char *how,
		  const char *modes, enum odd_known known);
/* The same for another process; comm as it was then. */
void record_for(pid_t pid, const char *comm, enum odd_event event, const struct odd_end *end,
		const char *how, const char *modes, enum odd_known known);
int record_print(const char *path, const struct odd_workload *workload,
		 const unsigned long long *netns);
const char *errno_name(int error);
unsigned long long own_netns(void);

/* odd-socket.c */
void step(const char *comm);
int socket_of(enum odd_family family, int protocol);
void loopback(enum odd_family family, union odd_address *addr);
socklen_t address_size(const union odd_address *addr);
void bind_to(int fd, enum odd_family family, union odd_address *addr, unsigned int port);
int listen_at(enum odd_family family, union odd_address *addr);
void reserve(enum odd_family family, union odd_address *addr); /* a port that refuses */
void filter_all(int fd); /* all that comes is dropped: a blackhole */
void filter_none(int fd); /* no longer */
void set_option(int fd, int level, int name, int value);
int error_of(int fd); /* SO_ERROR */
void await_poll(int fd, short events);
void await_state(unsigned int state); /* of a socket in this namespace */
void await_no_port(unsigned int port); /* no socket in this namespace is there any more */

/* odd-pair.c: steps that are recorded */
void end_local(struct odd_end *end); /* what getsockname says */
void connected(struct odd_end *end); /* fd has been connected, in this step */
void connect_end(struct odd_end *end, enum odd_family family, const union odd_address *to);
void accept_end(struct odd_end *end, int listener);
void connect_failed(struct odd_end *end, const union odd_address *to, int error);
void exchange(struct odd_end *client, struct odd_end *server, long there, long back);
void close_end(struct odd_end *end, const char *comm, const char *how);
void linger_none(struct odd_end *end);
/* A listener, and a connection to it */
int pair(struct odd_end *client, struct odd_end *server, enum odd_family family);
/* The client closes first. */
void close_pair(struct odd_end *client, struct odd_end *server);

/* odd-process.c */
pid_t fork_child(void); /* 0 in the child, which does not outlive its parent */
void reap(pid_t child);
void kill_and_reap(pid_t child);
void channel(int ends[2]);
void tell(int end);
void await_told(int end);

#endif
