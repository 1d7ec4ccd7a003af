/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * peer: a TCP workload that records what it really did.
 *
 * A lane is one listener: a server process, a family and who closes first
 * together name it, so the two ends never have to talk about the order.
 * Every cycle belongs to one lane and every acceptor knows beforehand how many
 * connections it will take; nobody has to be told to stop.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "die.h"
#include "netns.h"
#include "process.h"
#include "record.h"
#include "socket.h"

enum peer_first {
	FIRST_CLIENT,
	FIRST_SERVER,
	FIRST_MIXED
};
enum peer_role {
	ROLE_CLIENT,
	ROLE_SERVER
};
struct peer_options {
	long cycles;
	long clients;
	long servers;
	long threads; /* of each client process */
	long payload; /* bytes each way before the first close */
	long rate; /* cycles a second, 0: as fast as it goes */
	long refused;
	long unanswered;
	long blocked; /* acceptors that block before the banner */
	long deadline; /* seconds */
	long ready_fd;
	enum peer_first first;
	enum family families[FAMILIES];
	int n_families;
	bool new_netns;
	const char *go_file;
	const char *record;
};

struct peer_lane {
	int fd; /* -1 in processes that do not accept here */
	enum family family;
	bool server_first;
	long quota; /* connections that will come; 0: no listener */
	union address addr;
};

struct peer_acceptor {
	long server; /* the process it runs in */
	long lane;
	long quota;
};

struct peer_plan {
	struct peer_lane *lanes;
	struct peer_acceptor *acceptors;
	long n_lanes;
	long n_acceptors;
};

/* peer-options.c */
void options_parse(struct peer_options *opts, int argc, char **argv);

/* peer-plan.c: who does which cycle where; listeners are made here */
void plan_make(struct peer_plan *plan, const struct peer_options *opts);
void plan_close_listeners(struct peer_plan *plan, long except_server);
void plan_free(struct peer_plan *plan);
long plan_lane(const struct peer_options *opts, long cycle);

/* peer-record.c */
/* From here on this process is a client or a server, and is called so. */
void record_as(enum peer_role role);
void record(enum event event, const struct tuple *tuple);

/* peer-shared.c: what processes tell each other while they run */
void shared_open(const struct peer_plan *plan);
void shared_close(void);
void lane_enter(long lane); /* waits while the lane's backlog is full */
void lane_leave(long lane);
void acceptor_is_waiting(long acceptor);
bool acceptor_is_blocked(long acceptor);
void retry_count(void);
long retries_counted(void);

/* peer-socket.c: what is recorded, and connects that fail */
/* From here on sockets of connections are made with IPPROTO_MPTCP. */
void use_mptcp(void);
int listen_at(enum family family, union address *addr);
int connect_to(enum family family, const union address *addr);
void refused_by(enum family family, const union address *addr);
/* Makes a listener that hears nothing. */
void listen_mute(enum family family, union address *addr);
/* A connect to it that goes on; given up by give_up(). */
int unanswered_by(enum family family, const union address *addr, struct tuple *tuple);
void give_up(int fd, const struct tuple *tuple);
void names(int fd, struct tuple *tuple);
void close_end(int fd, const struct tuple *tuple);

/* peer-work.c: what the processes do */
void work_client(const struct peer_options *opts, const struct peer_plan *plan, long client);
void work_failing(const struct peer_options *opts);
void work_server(const struct peer_options *opts, const struct peer_plan *plan, long server);

/* peer-children.c */
pid_t child_fork(enum peer_role role); /* 0 in the child */
int children_wait(int64_t until); /* 0: all ended well */
int children_check(int64_t wait_ns); /* -1: one failed, or a signal came */
void children_kill(void);
void children_free(void);

#endif
