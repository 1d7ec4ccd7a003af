/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The thread of a guess, which has namespaces and descriptor tables of its own. */
#ifndef TCPT_THREAD_H
#define TCPT_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

struct tcpt_guess;

/* A thread that shares a descriptor table. So the table lives on after the guess has left it. */
struct table_thread {
	pthread_t thread;
	sem_t done;
	bool running;
};

/* Enters a new network namespace; stays in the present one if none can be made. */
int thread_enter_netns(struct tcpt_guess *guess);
/* Gives the thread a descriptor table of its own. */
int thread_unshare_descriptors(const struct tcpt_guess *guess);
/*
 * Enters another descriptor table, and another network namespace if the present one is
 * of its own.
 */
int thread_enter_others(struct tcpt_guess *guess, struct table_thread *table);
void thread_stop_table(struct table_thread *table);
/* Explains in a message why a thread could not be started. Returns err. */
int thread_explain_none(const struct tcpt_guess *guess, int err);

#endif
