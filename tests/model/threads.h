/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tasks and interrupts, as coroutines that say where they can be interrupted. */
#ifndef MODEL_THREADS_H
#define MODEL_THREADS_H

#include "world.h"

typedef void (*script)(void);

/* ---- for the search ---- */

void thread_start(int index, script run, int cpu, int task, int is_interrupt);
void thread_resume(int index); /* until its next request */
int thread_can_run(int index);
char *thread_stack_end(int index);

/* ---- for what runs in a thread ---- */

void point(void); /* others may go on here */
void free_point(void);
int choose(int answers,
	   const char *what); /* 0 is the straight way, each other answer a deviation */
int choose_freely(int answers); /* a difference in the scenario: no deviation */
void wait_until(int (*wants)(int), int of);
void interrupt_begins(void);
void interrupt_ends(void);
const struct model_task *task_now(void); /* current */
void task_exits(void);
void task_is_worker(void);

/* A function of the kernel that does not sleep: the tool can wait until all have left theirs. */
void kernel_begins(void);
void kernel_ends(void);

#endif
