// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guess: observe, solve, confirm. It runs in a thread of its own, whose
 * name, namespaces and descriptors end with it.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guess.h"

/* ---- namespaces and descriptor tables ---- */

static int no_inode(const struct tcpt_guess *guess)
{
	return log_error(guess->log, -EOPNOTSUPP,
			 "cannot see the network namespace's inode: mount /proc, or run with CAP_NET_ADMIN");
}

/* CONFIG_NET_NS=n: unshare() answers EINVAL, and no namespace has an inode. */
static int stay_in_netns(struct tcpt_guess *guess, int why)
{
	log_warning(guess->log,
		    "cannot make network namespaces (%s): using the present one, where the netns field "
		    "has only one value to show itself by",
		    strerror(-why));
	guess->is_single_netns = true;
	netns_current(&guess->netns);
	guess->has_netns = guess->netns.inode;
	return guess->has_netns || why == -EINVAL ? 0 : no_inode(guess);
}

static int enter_netns(struct tcpt_guess *guess)
{
	int err = netns_enter_new(&guess->netns);

	if (!err && !guess->netns.inode)
		return no_inode(guess);
	if (!err) {
		guess->namespaces++;
		guess->has_netns = true;
		return 0;
	}
	if (guess->netns.is_private)
		return log_error(guess->log, err, "cannot prepare a network namespace: %s%s",
				 strerror(-err), err == -EPERM ? "; run with CAP_NET_ADMIN too" : "");
	return stay_in_netns(guess, err);
}

static int cannot_start_thread(const struct tcpt_guess *guess, int err)
{
	return log_error(guess->log, err, "cannot start a thread: %s", strerror(-err));
}

static int unshare_descriptors(const struct tcpt_guess *guess)
{
	if (!unshare(CLONE_FILES))
		return 0;
	return log_error(guess->log, -errno, "cannot have a descriptor table of its own: %s%s",
			 strerror(errno),
			 errno == EPERM ? "; let the seccomp filter allow unshare(CLONE_FILES)" : "");
}

/* Keeps a descriptor table alive after the guess has left it. */
struct keeper {
	pthread_t thread;
	sem_t done;
	bool running;
};

static void *keep_table(void *arg)
{
	struct keeper *keeper = arg;

	while (sem_wait(&keeper->done))
		;
	return NULL;
}

/* unshare(CLONE_FILES) gives a new table only to a thread that shares its present one. */
static int enter_fdtable(struct tcpt_guess *guess, struct keeper *keeper)
{
	int err = pthread_create(&keeper->thread, NULL, keep_table, keeper);

	if (err)
		return cannot_start_thread(guess, -err);
	keeper->running = true;
	err = unshare_descriptors(guess);
	if (!err)
		guess->fdtables++;
	return err;
}

static void stop_keeper(struct keeper *keeper)
{
	if (!keeper->running)
		return;
	sem_post(&keeper->done);
	pthread_join(keeper->thread, NULL);
}

/* ---- the plan ---- */

#define PAIR_TRIES 6

/*
 * Not built in or ipv6.disable=1; or no address on lo (sysctl disable_ipv6), or
 * with ip_nonlocal_bind no route to it. v4-mapped sockets do without those.
 */
static bool is_no_ipv6(enum pair_kind kind, int err)
{
	return (kind != PAIR_IPV4 && err == -EAFNOSUPPORT) ||
	       (kind == PAIR_IPV6 && (err == -EADDRNOTAVAIL || err == -ENETUNREACH));
}

/* A namespace of its own has neither rules nor a loopback that is down. */
static const char *advice(const struct tcpt_guess *guess, int err)
{
	if (guess->netns.is_private || err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return "";
	return "; see that lo is up and no firewall rule stops its packets, or permit network "
	       "namespaces (CAP_SYS_ADMIN)";
}

static int observe_kind(struct tcpt_guess *guess, enum pair_kind kind)
{
	int err = observe_pair(guess, kind);

	/* The hook missed a change: that connection says nothing, another one will. */
	for (int tries = 0; err == -ETIME && tries < PAIR_TRIES; tries++)
		err = observe_pair(guess, kind);
	if (is_no_ipv6(kind, err))
		return 0;
	if (err)
		return log_error(guess->log, err, "a connection over loopback (%s) did not work: %s%s",
				 pair_kind_name(kind), strerror(-err), advice(guess, err));
	guess->has_ipv6 |= kind != PAIR_IPV4;
	return 0;
}

static int observe_kinds(struct tcpt_guess *guess)
{
	int err = 0;

	for (int kind = 0; !err && kind < PAIR_KINDS; kind++)
		err = observe_kind(guess, kind);
	return err;
}

/* What only optional fields need may fail. */
static int tolerate(const struct tcpt_guess *guess, const char *what, int err)
{
	if (err)
		log_debug(guess->log, "%s: %s", what, strerror(-err));
	return err == -ENOMEM || err == -ENOSPC ? err : 0;
}

static int observe_figures(struct tcpt_guess *guess)
{
	int err = tolerate(guess, "connections that fail", observe_failures(guess));

	/* What goes wrong on a loopback of our own is our doing. */
	if (!err && guess->all_fields && guess->netns.is_private)
		err = tolerate(guess, "retransmissions", observe_retransmits(guess));
	return err;
}

/* Twice the same, in two network namespaces and with two descriptor tables. */
static int observe(struct tcpt_guess *guess, struct keeper *keeper)
{
	int err = observe_bound(guess);

	if (!err)
		err = observe_kinds(guess);
	if (!err)
		err = observe_figures(guess);
	if (!err && guess->netns.is_private)
		err = enter_netns(guess);
	if (!err)
		err = enter_fdtable(guess, keeper);
	if (!err)
		err = observe_kinds(guess);
	if (!err)
		make_others(guess);
	return err;
}

static void solve_all(struct tcpt_guess *guess)
{
	guess->solving = guess->snapshots;
	solve(&guess->solution, guess->snap, guess->solving, &guess->mem);
}

static int observe_more(struct tcpt_guess *guess)
{
	return observe_kinds(guess) ?: observe_figures(guess);
}

/*
 * A socket that lies behind another may hold what is looked for, at the same
 * distance each time, by chance: then more connections tell.
 */
static int solve_on(struct tcpt_guess *guess)
{
	int err = 0;

	solve_all(guess);
	for (int rounds = 2; !err && rounds && judge_is_ambiguous(guess); rounds--) {
		err = observe_more(guess);
		solve_all(guess);
	}
	return err;
}

/* On fresh connections, which took no part in solving. */
static int confirm(struct tcpt_guess *guess)
{
	return observe_more(guess) ?: judge_confirmation(guess);
}

/* ---- the run ---- */

struct run {
	struct tcpt_guess *guess;
	int err;
};

static int look(struct tcpt_guess *guess, struct keeper *keeper)
{
	int err;

	kmem_adopt_thread(guess->kmem);
	err = observe_limits(guess);
	if (!err)
		err = unshare_descriptors(guess);
	if (!err)
		err = enter_netns(guess);
	if (!err)
		err = observe(guess, keeper);
	if (err)
		return err;
	solve_all(guess);
	return observe_others(guess);
}

static int run(struct tcpt_guess *guess, struct keeper *keeper)
{
	int err = look(guess, keeper) ?: solve_on(guess);

	if (err)
		return err;
	if (kmem_has_failed(guess->kmem))
		return log_error(guess->log, -EAGAIN,
				 "the %s hook did not answer, however often it was asked; try again, or another --via",
				 guess->via);
	err = judge_solution(guess) ?: confirm(guess);
	if (guess->document && guess->solving)
		judge_document(guess);
	return err;
}

/* The same conclusions from what was kept of another run. */
static int rerun(struct tcpt_guess *guess, const char *dir)
{
	int err = replay_read(guess, dir);

	if (err)
		return err;
	solve(&guess->solution, guess->snap, guess->solving, &guess->mem);
	err = judge_solution(guess);
	if (!err)
		err = judge_confirmation(guess);
	if (guess->document)
		judge_document(guess);
	return err;
}

static void *run_thread(void *arg)
{
	struct run *r = arg;
	struct keeper keeper = {};

	sem_init(&keeper.done, 0, 0);
	r->err = run(r->guess, &keeper);
	stop_keeper(&keeper);
	return NULL;
}

static int run_in_thread(struct tcpt_guess *guess)
{
	struct run r = { .guess = guess };
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run_thread, &r);

	if (err)
		return cannot_start_thread(guess, -err);
	pthread_join(thread, NULL);
	return r.err;
}

/* ---- the object ---- */

static int choose_fields(struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	guess->all_fields = opts->all_fields;
	for (int f = 0; f < FIELD_COUNT; f++)
		guess->wanted[f] = !opts->only;
	for (const char *const *name = opts->only; name && *name; name++) {
		int f = field_find(*name);

		if (f < 0)
			return log_error(guess->log, -EINVAL, "no field is named '%s'", *name);
		guess->wanted[f] = true;
		guess->all_fields |= fields[f].need == ON_REQUEST;
	}
	for (int f = 0; guess->document && f < FIELD_COUNT; f++)
		guess->all_fields |= guess->wanted[f] && fields[f].need == ON_REQUEST &&
				     guess->document->at[f] >= 0;
	return 0;
}

static int open_kmem(struct tcpt_guess *guess, enum tcpt_via via)
{
	int err = kmem_open(&guess->kmem, via, guess->log);

	if (err)
		return err;
	snprintf(guess->via, sizeof(guess->via), "%s", kmem_via(guess->kmem));
	guess->mem.fetch = guess->fresh.fetch = kmem_fetch;
	guess->mem.arg = guess->fresh.arg = guess->kmem;
	return 0;
}

static void close_kmem(struct tcpt_guess *guess)
{
	kmem_close(guess->kmem);
	guess->kmem = NULL;
	guess->mem.fetch = guess->fresh.fetch = NULL;
}

static int guess_with(struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	int err = choose_fields(guess, opts);

	if (!err)
		guess->offsets = tcpt_offsets_new();
	if (err || !guess->offsets)
		return err ? err : -errno;
	strcpy(guess->offsets->source, opts->replay ? "replay" : "guess");
	if (opts->replay)
		return rerun(guess, opts->replay);
	err = open_kmem(guess, opts->via);
	if (!err)
		err = run_in_thread(guess);
	close_kmem(guess);
	return err;
}

TCPT_API int tcpt_guess_run(struct tcpt_guess **out, const struct tcpt_guess_opts *opts)
{
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));
	uint64_t start = monotonic_ns();
	int err;

	*out = guess;
	if (!guess)
		return -ENOMEM;
	guess->log = opts->log;
	guess->document = opts->verify;
	guess->is_replay = opts->replay;
	machine_native(&guess->mem.machine);
	guess->fresh.machine = guess->mem.machine;
	err = guess_with(guess, opts);
	guess->log = NULL;
	guess->has_failed = err;
	guess->duration_ns = monotonic_ns() - start;
	return err;
}

TCPT_API void tcpt_guess_free(struct tcpt_guess *guess)
{
	if (!guess)
		return;
	for (unsigned int s = 0; s < guess->snapshots; s++)
		snapshot_free(guess->snap[s]);
	memory_clear(&guess->mem);
	memory_clear(&guess->fresh);
	tcpt_offsets_free(guess->offsets);
	free(guess);
}

TCPT_API const struct tcpt_offsets *tcpt_guess_offsets(const struct tcpt_guess *guess)
{
	return guess->has_failed ? NULL : guess->offsets;
}
