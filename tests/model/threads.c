// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "threads.h"

#include <setjmp.h>
#include <stddef.h>
#include <ucontext.h>

#include "story.h"

static char stacks[THREADS][STACK_SIZE] __attribute__((aligned(64)));
static jmp_buf search; /* where the search waits for the thread that runs */

char *thread_stack_end(int index)
{
	return stacks[index] + STACK_SIZE;
}

/* What lies below this frame is not in use, but for what setjmp() itself may need. */
static __attribute__((noinline)) void give_way(enum request request)
{
	struct thread *thread = current_thread;

	thread->request = request;
	thread->low = (char *)__builtin_frame_address(0) - 512;
	if (!_setjmp(thread->at))
		_longjmp(search, 1);
}

void thread_resume(int index)
{
	world.current = index;
	if (!_setjmp(search))
		_longjmp(world.thread[index].at, 1);
}

/* ---- beginning ---- */

static script starting;
static ucontext_t starter, started;

static void run_script(void)
{
	script run = starting;
	struct thread *thread = current_thread;

	thread->low = (char *)__builtin_frame_address(0) - 512;
	if (!_setjmp(thread->at))
		swapcontext(&started, &starter);
	run();
	give_way(REQUEST_DONE);
}

void thread_start(int index, script run, int cpu, int task, int is_interrupt)
{
	struct thread *thread = &world.thread[index];

	thread->is_used = 1;
	thread->cpu = cpu;
	thread->task = task;
	thread->is_interrupt = is_interrupt;
	thread->request = REQUEST_FREE;
	world.current = index;
	starting = run;
	getcontext(&started);
	started.uc_stack.ss_sp = stacks[index];
	started.uc_stack.ss_size = STACK_SIZE;
	started.uc_link = NULL;
	makecontext(&started, run_script, 0);
	swapcontext(&starter, &started);
}

/* ---- whose turn it can be ---- */

static int is_interrupted(const struct thread *thread)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].is_active && world.thread[i].cpu == thread->cpu &&
		    &world.thread[i] != thread)
			return 1;
	return 0;
}

/* An interrupt runs to its end before anything else does on its processor. */
int thread_can_run(int index)
{
	const struct thread *thread = &world.thread[index];

	if (!thread->is_used || thread->request == REQUEST_DONE || is_interrupted(thread))
		return 0;
	if (thread->is_interrupt && !thread->is_active && world.cpu[thread->cpu].bottom_halves_off)
		return 0;
	return thread->request != REQUEST_WAIT || thread->wants(thread->wants_of);
}

/* ---- inside ---- */

static int is_alone(void)
{
	for (int i = 0; i < THREADS; i++)
		if (i != world.current && thread_can_run(i))
			return 0;
	return 1;
}

void point(void)
{
	if (world.budget && !is_alone())
		give_way(REQUEST_POINT);
}

void free_point(void)
{
	give_way(REQUEST_FREE);
}

static int ask(int answers)
{
	current_thread->answers = answers;
	give_way(REQUEST_CHOICE);
	return current_thread->answer;
}

int choose(int answers, const char *what)
{
	int answer = 0;

	current_thread->is_free = 0;
	if (world.budget)
		answer = ask(answers);
	if (answer)
		say("%s", what);
	return answer;
}

int choose_freely(int answers)
{
	current_thread->is_free = 1;
	return ask(answers);
}

void wait_until(int (*wants)(int), int of)
{
	struct thread *thread = current_thread;

	while (!wants(of)) {
		thread->wants = wants;
		thread->wants_of = of;
		give_way(REQUEST_WAIT);
	}
}

void kernel_begins(void)
{
	current_thread->in_kernel++;
}

void kernel_ends(void)
{
	if (!--current_thread->in_kernel)
		world.stage.awaited &= ~(1 << world.current);
}

void interrupt_begins(void)
{
	free_point();
	current_thread->is_active = 1;
	kernel_begins();
}

void interrupt_ends(void)
{
	kernel_ends();
	current_thread->is_active = 0;
	world.stage.awaited_programs &= ~(1 << world.current);
	free_point();
}

void task_exits(void)
{
	current_thread->is_exiting = 1;
}

void task_is_worker(void)
{
	current_thread->is_worker = 1;
}

/* An interrupt has the task that it has interrupted, or a stranger's. */
const struct model_task *task_now(void)
{
	const struct thread *thread = current_thread, *other;

	if (!thread->is_interrupt)
		return &tasks[thread->task];
	for (int i = 0; i < THREADS; i++) {
		other = &world.thread[i];
		if (other->is_used && !other->is_interrupt && other->cpu == thread->cpu &&
		    (other->request == REQUEST_POINT || other->request == REQUEST_CHOICE))
			return &tasks[other->task];
	}
	return &tasks[TASKS - 1];
}
