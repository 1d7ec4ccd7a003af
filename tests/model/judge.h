/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares what the programs have reported with what has happened; fail() says what is wrong. */
#ifndef MODEL_JUDGE_H
#define MODEL_JUDGE_H

#include "world.h"

void judge(void);

/* ---- between the files ---- */

/* What was reported of one connection. */
struct reported {
	int conn; /* index of truth */
	int count[TCPT_ABI_EXISTING + 1];
	const struct tcpt_abi_event *event[TCPT_ABI_EXISTING + 1]; /* the last one of the type */
};

/* What was due and not reported. */
extern struct judge_tally {
	unsigned long long lost; /* in the ring, at least */
	unsigned long long perhaps_lost; /* at most: those that need not have been reported, too */
	unsigned long long fails; /* of connects that could not be remembered */
	unsigned long long perhaps_fails; /* at most */
	unsigned int bare; /* connections of which only the close was reported */
} judge_tally;

#define ENDS "%u -> %u: "
#define ENDS_OF(truth) (truth)->tuple.sport, (truth)->tuple.dport

uint32_t judge_pid(int task_plus_1);
/* How often an event is reported: at least, at most. */
void judge_count(const struct reported *reported, int type, const char *name, int least, int most);
void judge_late(const struct reported *reported, int type, const char *name, int must, int may);

/* Of missed hooks. */
int judge_is_missed(const struct truth *truth);
/*
 * The first of two programs on a change of state did not run, and the second has taken a
 * mark for its own that was meant for an earlier run, which it has missed.
 */
int judge_is_mark_stale(const struct truth *truth, enum step at);
/*
 * The close of the next connection at its address passes for its own: nothing saw that one
 * begin, and its own was missed; or an older one was
 * over in stock, and there was no room for the next.
 */
int judge_is_taken_for_next(const struct truth *truth);

/* Of filters. */
enum filtered judge_filtered(const struct truth *truth);
int judge_is_type_hidden(int type);

/* Of older connections. */
int judge_is_taken(const struct truth *truth);
int judge_is_taken_twice(const struct truth *truth); /* connect and close are reported twice */
int judge_is_over_in_stock(const struct truth *truth);
int judge_is_unknown_close_seen(const struct truth *truth);
int judge_is_without_task(const struct reported *reported);
void judge_existing(const struct reported *reported);

/* Of MPTCP. */
int judge_is_mptcp_close(const struct truth *truth); /* no hook sees it at once */
/* A sock that has failed changes to CLOSE once more at its close. */
int judge_is_end_repeated(const struct truth *truth);
/* The kprobe that counts a connect without an entry does not see it fail. */
int judge_is_first_blind(const struct truth *truth);
/* The one hook that sees how a connection is cut off did not run. */
int judge_is_reason_unseen(const struct truth *truth);
int judge_mptcp(const struct reported *reported); /* 1: there is nothing else to judge */

/* Of cgroup mode. */
void judge_cgroup_accept(const struct reported *reported); /* nobody sees who accepts */
int judge_is_reset_unknown(const struct tcpt_abi_close *close);
int judge_is_release_unseen(const struct truth *truth);
int judge_is_any_left(void); /* in conns */
int judge_is_any_given_up(void); /* connects */

/* A connect that found no room, and is established by a SYN that crosses with its own. */
int judge_is_taken_for_passive(const struct truth *truth);
void judge_conn(const struct reported *reported);
void judge_figures(const struct truth *truth, const struct tcpt_abi_close *close);
void judge_fds(void);
void judge_books(void); /* numbers, counters, what is left in maps */

#endif
