/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Experiments, which make the kernel show its fields. */
#ifndef TCPT_OBSERVE_H
#define TCPT_OBSERVE_H

#include <stdint.h>

#include "guess/pair.h"

struct snapshot;
struct tcpt_guess;

#define NONTCP_SOCKETS 4

/*
 * Each experiment adds snapshots to the guess. Those that one has kept stay. A failure
 * is a negative errno.
 */

/*
 * Checks whether the process may have enough descriptors. If not, returns -EMFILE, with
 * a message.
 */
int observe_limits(const struct tcpt_guess *guess);
/* Makes a snapshot of the present connection, namespace and descriptor table. */
struct snapshot *observe_snapshot(struct tcpt_guess *guess, const char *what);
/* Makes one with needles that every socket shows, and with its descriptor. */
struct snapshot *observe_socket(struct tcpt_guess *guess, const char *what, int fd);
/*
 * Adds the snapshot to the guess; frees it if err, or if there is no room for it.
 * Returns the error.
 */
int observe_keep(struct tcpt_guess *guess, struct snapshot *snap, int err);
/*
 * Copies the sock, and keeps the snapshot as observe_keep() does; returns -ENOMEM if that
 * is NULL. The field holds 0, or if has_error what SO_ERROR takes out afterwards.
 */
int observe_error(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int field,
		  bool has_error);
typedef int observe_fn(struct tcpt_guess *guess, struct pair *pair);
/* Makes an experiment with a new pair. If it fails, drops the snapshots that it has kept. */
int observe_try(struct tcpt_guess *guess, observe_fn *experiment);
/*
 * Connects pair.client to a bound or listening socket. Finds the client's sock by its
 * change to SYN_SENT.
 */
int observe_connect(struct tcpt_guess *guess, struct pair *pair, int to, uint64_t *sock);
/* Makes a whole connection. Finds the client's sock. */
int observe_new_pair(struct tcpt_guess *guess, struct pair *pair, uint64_t *sock);
/*
 * Copies the sock while nothing happens to it, and adds the figures that hold for it.
 * If something happens at every try, leaves the figures out.
 */
int observe_quiet(struct tcpt_guess *guess, struct snapshot *snap, uint64_t sock, int fd);
/* Observes the whole life of a connection. */
int observe_pair(struct tcpt_guess *guess, enum pair_kind kind);

/* Observes a bound socket, and then the same one after the route has refused its connect. */
int observe_bound(struct tcpt_guess *guess);

/* Observes connections that end with an error. The guess goes on if this fails. */
int observe_failures(struct tcpt_guess *guess);

/* Observes a connection that gets ICMP errors and survives them. */
int observe_icmp_errors(struct tcpt_guess *guess);

/* Observes a connection that loses packets, or two that do so in different number. */
int observe_retransmits(struct tcpt_guess *guess, bool twice);

/*
 * Makes sockets that are not TCP. No hook shows these, but the descriptor table leads
 * to them. They are made before the guess is solved, and observed by the fields that it
 * found.
 */
void observe_nontcp_make(struct tcpt_guess *guess);
int observe_nontcp(struct tcpt_guess *guess);

#endif
