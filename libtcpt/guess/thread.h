/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a guess, or a check of its result, makes its connections, and in which thread. */
#ifndef TCPT_PLACES_H
#define TCPT_PLACES_H

#include <pthread.h>
#include <semaphore.h>

#include "guess/guess.h"

/* ---- guess.c ---------------------------------------------------------------- */

struct tcpt_guess *guess_new(const struct tcpt_log *log, const struct tcpt_offsets *document);

/* Keeps a descriptor table alive after the guess has left it. */
struct keeper {
	pthread_t thread;
	sem_t done;
	bool running;
};

/*
 * Opens kmem, and runs plan in a thread of its own, in a network namespace of its own
 * where there may be one. Its name, namespaces and descriptors end with it.
 */
int guess_in_thread(struct tcpt_guess *guess, enum tcpt_via via,
		    int (*plan)(struct tcpt_guess *guess, struct keeper *keeper));

/* ---- places.c: where a guess makes its connections --------------------------- */

/* A new network namespace; the present one where there may be no other. */
int thread_enter_netns(struct tcpt_guess *guess);
int thread_unshare_descriptors(const struct tcpt_guess *guess);
/* Another network namespace, if the present one is not everybody's, and descriptor table. */
int thread_enter_others(struct tcpt_guess *guess, struct keeper *keeper);
void thread_stop_keeper(struct keeper *keeper);
int thread_explain_none(const struct tcpt_guess *guess, int err);

#endif
