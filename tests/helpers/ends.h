/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ends: connections that end in each way, and the record of what they were. */
#ifndef ENDS_H
#define ENDS_H

#include <netinet/in.h>
#include <stdbool.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* One end of a connection, and what becomes of it. */
struct end {
	int fd;
	union address local, remote;
	long sent, received;
	bool is_measured; /* before the end: the next two are known */
	unsigned int srtt_us, retransmits;
	const char *reason;
};

struct pair {
	struct end client, server;
};

extern bool has_cookies; /* all sockets, without being asked */

/* ends-socket.c: on loopback, of the family that was set */
void use_family(int family);
void use_protocol(int protocol); /* of new sockets; 0: TCP */
socklen_t address_size(void);
int new_socket(void);
int new_listener(union address *address);
int new_bound(union address *address);
void connect_pair(struct pair *pair); /* recorded */
void carry(struct end *from, struct end *to, long bytes);
void await_eof(const struct end *end);
void await_error(const struct end *end);
void settle(const struct end *end); /* until all that was sent is acknowledged */
void drop_input(int fd); /* what comes for this socket from now on */
void reset_on_close(const struct end *end);
void measure(struct end *end); /* what the kernel says of it now */
void close_end(struct end *end); /* recorded */

/* ends-record.c */
void record_end(const char *type, struct end *end);
void record_fail(const union address *local, const union address *remote, const char *error);
void record_pid(int pid); /* of what is recorded from here on; 0: the own */
bool records_print(const char *path);

/* ends-fail.c */
void fail_refused(void);
void fail_refused_later(void);
void fail_timed_out(void);
void fail_unreachable(void);
void fail_closed(void);
void fail_killed(void);
void self_handed_on(void);

/* ends-rejected.c */
void rejected(void);
void rejected_unasked(void);
void rejected_shut(void);
void rejected_waiting(void);
void rejected_fastopen(void);
void dropped_waiting(void);
void dropped_closed(void);
void mptcp_rejected(void);
void mptcp_waiting(void);
void mptcp_closed(void);

void die(const char *what) __attribute__((noreturn));

#endif
