/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ends: connections that end in each way, and the record of what they were. */
#ifndef ENDS_H
#define ENDS_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "die.h"
#include "process.h"
#include "record.h"
#include "socket.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* One end of a connection, and what becomes of it. */
struct end {
	int fd;
	struct tuple at;
	long sent, received;
	bool is_measured; /* before the end: the next two are known */
	unsigned int srtt_us, retransmits;
	const char *reason;
};

struct pair {
	struct end client, server;
};

extern bool has_cookies; /* all sockets, without being asked */
extern enum family family; /* of all sockets */
extern int protocol; /* of those of connects that rules refuse; 0: TCP */

/* ends-pair.c */
void connect_pair(struct pair *pair); /* recorded */
void carry(struct end *from, struct end *to, long bytes);
void shut(const struct end *end);
void await_error(const struct end *end);
void measure(struct end *end); /* what the kernel says of it now */
void close_end(struct end *end); /* recorded */

/* ends-record.c */
void record_end(enum event event, struct end *end);
void record_fail(const struct tuple *at, const char *error);
void record_pid(int pid); /* of what is recorded from here on; 0: the own */

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

#endif
