/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections that are made to see whether a trace reports them: each event that is due is
 * a deed, recorded by who has done it. They are made over loopback, in a network namespace
 * of their own if that is permitted, by a process of their own, the worker.
 */
#ifndef DEEDS_H
#define DEEDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli.h"

#define DEEDS_MAX 128

/* What an event of a deed has to say. */
struct deed {
	enum tcpt_event_type type;
	enum tcpt_role role;
	int family; /* 4 or 6: mapped is 4. On fdinstall 0 */
	uint8_t saddr[16], daddr[16];
	uint16_t sport, dport;
	uint64_t sent, received; /* on close, of one that is younger than the trace */
	bool has_bytes;
	enum tcpt_reason reason; /* on close */
	int error; /* on fail */
	int fd; /* on fdinstall */
	bool is_seen; /* an event was found that is about it */
};

struct deeds {
	struct deed of[DEEDS_MAX];
	unsigned int n;
	uint32_t netns; /* of the worker; 0: not known */
	bool is_private; /* nobody else is in that namespace */
	pid_t worker;
	bool failed; /* the worker could not do it all */
	char why[200];
};

struct deeds_worker {
	struct deeds *deeds; /* shared with the worker */
	pid_t pid;
	int go; /* the pipe that it waits for */
	int done; /* the pipe by which it says how far it is */
};

/*
 * Starts the worker, and returns when it has the connections that are to be older than the
 * trace. Returns 0 or a negative errno, after a message. deeds_end() comes in any case.
 */
int deeds_begin(struct deeds_worker *worker, const struct cli *cli);
/* Lets it do the rest, and returns when all of it is done. The same. */
int deeds_go_on(struct deeds_worker *worker, const struct cli *cli);
void deeds_end(struct deeds_worker *worker);

#endif
