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
	netns_current(&guess->netns);
	return guess->netns.inode || why == -EINVAL ? 0 : no_inode(guess);
}

static int enter_netns(struct tcpt_guess *guess)
{
	int err = netns_enter_new(&guess->netns);

	if (!err && !guess->netns.inode)
		return no_inode(guess);
	if (!err) {
		guess->namespaces++;
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
	guess->ipv6 |= kind != PAIR_IPV4;
	return 0;
}

static int observe_kinds(struct tcpt_guess *guess)
{
	int err = observe_kind(guess, PAIR_IPV4);

	if (!err)
		err = observe_kind(guess, PAIR_IPV6);
	if (!err)
		err = observe_kind(guess, PAIR_MAPPED);
	return err;
}

/* Twice the same, in two network namespaces and with two descriptor tables. */
static int observe(struct tcpt_guess *guess, struct keeper *keeper)
{
	int err = observe_bound(guess);

	if (!err)
		err = observe_kinds(guess);
	if (!err && guess->netns.is_private)
		err = enter_netns(guess);
	if (!err)
		err = enter_fdtable(guess, keeper);
	if (!err)
		err = observe_kinds(guess);
	if (!err)
		err = make_others(guess);
	return err;
}

/* ---- verdicts ---- */

static int refuse(const struct tcpt_guess *guess, const struct field_info *field,
		  const struct answer *answer)
{
	char list[256] = "";

	if (answer->verdict != VERDICT_AMBIGUOUS)
		return log_error(guess->log, -EUCLEAN,
				 "%s was not found in this kernel's memory; --explain shows the search",
				 field->key);
	for (unsigned int i = 0; i < answer->candidates && i < CANDIDATES_SHOWN; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%d", i ? ", " : "",
			 answer->candidate[i]);
	return log_error(guess->log, -EUCLEAN,
			 "%s is ambiguous: %u candidates remain (%s%s); --explain shows the search",
			 field->key, answer->candidates, list,
			 answer->candidates > CANDIDATES_SHOWN ? ", ..." : "");
}

static bool may_be_absent(const struct tcpt_guess *guess, int f)
{
	if (fields[f].need == OPTIONAL)
		return true;
	if (fields[f].need == NEEDED)
		return false;
	/* Compiled out: no namespace has an inode, or no IPv6 socket can be had. */
	if (f == F_SKC_NET || f == F_NET_INUM)
		return !guess->netns.inode;
	return !guess->ipv6;
}

static int judge(struct tcpt_guess *guess)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		const struct answer *answer = &guess->solution.answer[f];

		if (answer->verdict == VERDICT_FOUND)
			guess->offsets->at[f] = answer->candidate[0];
		else if (answer->verdict != VERDICT_AMBIGUOUS && may_be_absent(guess, f))
			guess->offsets->at[f] = TCPT_ABSENT;
		else
			return refuse(guess, &fields[f], answer);
	}
	return 0;
}

/* ---- confirmation ---- */

static int check_confirmation(struct tcpt_guess *guess, unsigned int from)
{
	for (unsigned int s = from; s < guess->snapshots; s++) {
		int f = solution_contradicted(&guess->solution, guess->snap[s], &guess->mem);

		if (f >= 0)
			return log_error(guess->log, -EUCLEAN,
					 "%s=%d was contradicted by a fresh connection (%s)",
					 fields[f].key, guess->offsets->at[f], guess->snap[s]->label);
	}
	return 0;
}

/* On fresh connections, which took no part in solving. They are not kept. */
static int confirm(struct tcpt_guess *guess)
{
	unsigned int from = guess->snapshots;
	int err = observe_kinds(guess);

	memory_clear(&guess->mem); /* what is kept there is older than these connections */
	if (!err)
		err = check_confirmation(guess, from);
	guess->confirmations = guess->snapshots - from;
	while (guess->snapshots > from)
		snapshot_free(guess->snap[--guess->snapshots]);
	return err;
}

/* ---- the run ---- */

struct run {
	struct tcpt_guess *guess;
	int err;
};

static int run(struct tcpt_guess *guess, struct keeper *keeper)
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
	solve(&guess->solution, guess->snap, guess->snapshots, &guess->mem);
	err = observe_others(guess);
	if (err)
		return err;
	solve(&guess->solution, guess->snap, guess->snapshots, &guess->mem);
	if (kmem_has_failed(guess->kmem))
		return log_error(guess->log, -EAGAIN,
				 "the %s hook did not answer, however often it was asked; try again, or another --via",
				 guess->via);
	err = judge(guess);
	return err ? err : confirm(guess);
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

static int prepare(struct tcpt_guess *guess, const struct tcpt_guess_opts *opts)
{
	int err;

	guess->log = opts->log;
	guess->offsets = tcpt_offsets_new();
	if (!guess->offsets)
		return -errno;
	strcpy(guess->offsets->source, "guess");
	err = kmem_open(&guess->kmem, opts->via, opts->log);
	if (err)
		return err;
	guess->via = kmem_via(guess->kmem);
	guess->mem.fetch = kmem_fetch;
	guess->mem.arg = guess->kmem;
	return 0;
}

TCPT_API int tcpt_guess_run(struct tcpt_guess **out, const struct tcpt_guess_opts *opts)
{
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));
	uint64_t start = monotonic_ns();
	int err;

	*out = NULL;
	if (!guess)
		return -ENOMEM;
	err = prepare(guess, opts);
	if (!err)
		err = run_in_thread(guess);
	kmem_close(guess->kmem);
	guess->kmem = NULL;
	guess->log = NULL;
	guess->mem.fetch = NULL;
	guess->duration_ns = monotonic_ns() - start;
	if (err) {
		tcpt_offsets_free(guess->offsets);
		guess->offsets = NULL;
	}
	*out = guess;
	return err;
}

TCPT_API void tcpt_guess_free(struct tcpt_guess *guess)
{
	if (!guess)
		return;
	for (unsigned int s = 0; s < guess->snapshots; s++)
		snapshot_free(guess->snap[s]);
	memory_clear(&guess->mem);
	tcpt_offsets_free(guess->offsets);
	free(guess);
}

TCPT_API const struct tcpt_offsets *tcpt_guess_offsets(const struct tcpt_guess *guess)
{
	return guess->offsets;
}
