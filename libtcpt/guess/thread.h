/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The thread of a guess, and where it makes its connections. */
#ifndef TCPT_THREAD_H
#define TCPT_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

struct tcpt_guess;

/* Keeps a descriptor table alive after the guess has left it. */
struct table_thread {
	pthread_t thread;
	sem_t done;
	bool running;
};

/* A new network namespace; the present one where there may be no other. */
int thread_enter_netns(struct tcpt_guess *guess);
int thread_unshare_descriptors(const struct tcpt_guess *guess);
/* Another network namespace, if the present one is not everybody's, and descriptor table. */
int thread_enter_others(struct tcpt_guess *guess, struct table_thread *table);
void thread_stop_table(struct table_thread *table);
int thread_explain_none(const struct tcpt_guess *guess, int err);

#endif
