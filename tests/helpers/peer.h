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

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum peer_family {
	FAMILY_V4,
	FAMILY_V6,
	FAMILY_MAPPED,
	FAMILIES
};
enum peer_first {
	FIRST_CLIENT,
	FIRST_SERVER,
	FIRST_MIXED
};
enum peer_role {
	ROLE_CLIENT,
	ROLE_SERVER
};
enum peer_event {
	EVENT_CONNECT,
	EVENT_ACCEPT,
	EVENT_CLOSE,
	EVENT_FAIL
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
	enum peer_family families[FAMILIES];
	int n_families;
	bool new_netns;
	const char *go_file;
	const char *record;
};

union peer_address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct peer_tuple {
	union peer_address local;
	union peer_address remote;
};

struct peer_lane {
	int fd; /* -1 in processes that do not accept here */
	enum peer_family family;
	bool server_first;
	long quota; /* connections that will come; 0: no listener */
	union peer_address addr;
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

/* peer-record.c: one shared table that every process adds to */
void records_open(const struct peer_options *opts);
void records_close(void);
void record_as(enum peer_role role);
void record_add(enum peer_event event, const struct peer_tuple *tuple);
int records_print(const char *path);

/* peer-shared.c: what processes tell each other while they run */
void shared_open(const struct peer_plan *plan);
void shared_close(void);
void lane_enter(long lane); /* waits while the lane's backlog is full */
void lane_leave(long lane);
void acceptor_is_waiting(long acceptor);
bool acceptor_is_blocked(long acceptor);
void retry_count(void);
long retries_counted(void);

/* peer-socket.c */
int socket_listen(enum peer_family family, union peer_address *addr);
/* From here on sockets are made with IPPROTO_MPTCP. */
void socket_use_mptcp(void);
int socket_reserve(enum peer_family family, union peer_address *addr);
int socket_connect(const union peer_address *addr);
void socket_refused(enum peer_family family, const union peer_address *addr);
/* One that listens and hears nothing. */
void socket_mute(enum peer_family family, union peer_address *addr);
/* A connect to it that goes on; given up by socket_give_up(). */
int socket_unanswered(enum peer_family family, const union peer_address *addr,
		      struct peer_tuple *tuple);
void socket_give_up(int fd, const struct peer_tuple *tuple);
void socket_tuple(int fd, struct peer_tuple *tuple);
void socket_send(int fd, long bytes);
void socket_receive(int fd, long bytes);
void socket_wait_eof(int fd);
void socket_close(int fd, const struct peer_tuple *tuple);
const char *address_text(const union peer_address *addr, char *text, size_t size);
unsigned int address_port(const union peer_address *addr);

/* peer-netns.c */
void netns_enter_new(void);

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
int64_t now_ns(void);

/* Prints `peer: ...` and errno's text unless errno is 0, ends this process. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
