// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The thread of a guess, which has namespaces and descriptor tables of its own. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "guess/guess.h"
#include "guess/thread.h"
#include "internal.h"

static int no_inode(const struct tcpt_guess *guess)
{
	return log_error(
		guess->log, -EOPNOTSUPP,
		"cannot see the network namespace's inode: mount /proc, or run with CAP_NET_ADMIN");
}

/*
 * Stays in the present network namespace. With CONFIG_NET_NS=n unshare() returns
 * EINVAL, and no namespace has an inode.
 */
static int stay_in_netns(struct tcpt_guess *guess, int why)
{
	log_warning(guess->log,
		    "cannot make network namespaces (%s): using the present "
		    "one, where the netns field has one value only to be "
		    "recognised by",
		    strerror(-why));
	guess->is_single_netns = true;
	netns_current(&guess->netns);
	guess->has_netns = guess->netns.inode;
	return guess->has_netns || why == -EINVAL ? 0 : no_inode(guess);
}

int thread_enter_netns(struct tcpt_guess *guess)
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
				 strerror(-err),
				 err == -EPERM ? "; run with CAP_NET_ADMIN too" : "");
	return stay_in_netns(guess, err);
}

int thread_explain_none(const struct tcpt_guess *guess, int err)
{
	return log_error(guess->log, err, "cannot start a thread: %s", strerror(-err));
}

int thread_unshare_descriptors(const struct tcpt_guess *guess)
{
	if (!unshare(CLONE_FILES))
		return 0;
	return log_error(guess->log, -errno, "cannot make a descriptor table for the guess: %s%s",
			 strerror(errno),
			 errno == EPERM ? "; let the seccomp filter allow unshare(CLONE_FILES)" :
					  "");
}

static void *keep_table(void *arg)
{
	struct table_thread *table = arg;

	while (sem_wait(&table->done))
		;
	return NULL;
}

/*
 * Enters a new descriptor table. unshare(CLONE_FILES) makes one only for a thread that
 * shares its present one.
 */
static int enter_fdtable(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = pthread_create(&table->thread, NULL, keep_table, table);

	if (err)
		return thread_explain_none(guess, -err);
	table->running = true;
	err = thread_unshare_descriptors(guess);
	if (!err)
		guess->fdtables++;
	return err;
}

int thread_enter_others(struct tcpt_guess *guess, struct table_thread *table)
{
	int err = guess->netns.is_private ? thread_enter_netns(guess) : 0;

	return err ? err : enter_fdtable(guess, table);
}

void thread_stop_table(struct table_thread *table)
{
	if (!table->running)
		return;
	sem_post(&table->done);
	pthread_join(table->thread, NULL);
}
