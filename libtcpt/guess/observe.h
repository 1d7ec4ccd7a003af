/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Experiments: what makes the kernel show its fields. */
#ifndef TCPT_OBSERVE_H
#define TCPT_OBSERVE_H

#include <stdint.h>

#include "guess/pair.h"

struct snapshot;
struct tcpt_guess;

#define NONTCP_SOCKETS 4

/* They add snapshots to the guess. What one of them has kept stays; a failure is an errno. */

/* May this process have as many descriptors as it takes? */
int observe_limits(const struct tcpt_guess *guess);
struct snapshot *observe_snapshot(struct tcpt_guess *guess, const char *what);
/* Takes over the snapshot. */
int observe_keep(struct tcpt_guess *guess, struct snapshot *snap, int err);
/* Drops the snapshots behind the first count ones. */
void observe_drop(struct tcpt_guess *guess, unsigned int count);
/* pair.client connects to a bound or listening socket, and its sock is found. */
int observe_connect(struct tcpt_guess *guess, struct pair *pair, int to, uint64_t *sock);
/* A whole connection; the sock is the client's. */
int observe_new_pair(struct tcpt_guess *guess, struct pair *pair, uint64_t *sock);
/* The sock while nothing happens to it, with the figures that hold for it. */
int observe_quiet(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int fd);
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind);

/* A bound socket, and one whose connect the route refused. */
int observe_bound(struct tcpt_guess *guess);

/* Connections that end with an error; it is no failure of the guess if they do not. */
int observe_failures(struct tcpt_guess *guess);

/* A connection that is told of errors and survives them. */
int observe_icmp_errors(struct tcpt_guess *guess);

/* Connections that lose packets. */
int observe_retransmits(struct tcpt_guess *guess, unsigned int pairs);

/*
 * Sockets that are not TCP, which no hook shows; the descriptors' fields lead to them.
 * They are made before solving.
 */
void observe_nontcp_make(struct tcpt_guess *guess);
int observe_nontcp(struct tcpt_guess *guess);

#endif
