// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "hooks.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "maps.h"
#include "story.h"
#include "threads.h"
#include "tracer.h"
#include "truth.h"

struct program {
	const struct mode_hook *hook;
	int (*run)(void *context);
	int index; /* in tracer_programs, plus 1 */
	int order; /* of its attachment */
	int rank; /* 0: the first of those that see the same; the second looks for its mark */
};

#define AT_SITE 4

static struct program at_site[SITES][AT_SITE];

const char *hook_program_name(int program)
{
	return tracer_programs[program - 1].name;
}

uint64_t sock_address(int sock)
{
	return (uintptr_t)&world.sock[sock];
}

static int is_cookie(const struct mode_hook *hook)
{
	return !strcmp(hook->program, "tb_cookie");
}

static int rank_of(const struct mode_hook *hook, const struct program *slot)
{
	const struct program *first = at_site[hook->site];

	if (!strncmp(hook->program, "rt_state", strlen("rt_state")))
		return 1;
	return slot - first - (slot != first && is_cookie(first->hook));
}

static void add_program(const struct mode_hook *hook, int order)
{
	struct program *slot = at_site[hook->site];

	while (slot->run)
		slot++;
	for (int i = 0; tracer_programs[i].name; i++)
		if (!strcmp(tracer_programs[i].name, hook->program))
			*slot = (struct program){ hook, tracer_programs[i].run, i + 1, order,
						  rank_of(hook, slot) };
	if (!slot->run)
		fail("there is no program %s", hook->program);
}

void hooks_begin(void)
{
	memset(at_site, 0, sizeof(at_site));
	for (int i = 0; mode_now->hooks[i].program; i++)
		add_program(&mode_now->hooks[i], i);
}

int hooks_count(void)
{
	int count = 0;

	while (mode_now->hooks[count].program)
		count++;
	return count;
}

/* ---- what the kernel skips ---- */

static int is_busy(const struct program *program, int generation)
{
	const struct cpu *cpu = &world.cpu[current_thread->cpu];

	return program->hook->guard == GUARD_CPU ? cpu->active :
						   cpu->running[generation][program->index];
}

/* By its own rules, or because somebody of whom the scenario does not speak is in the way. */
static int is_skipped(const struct program *program, int generation)
{
	if (is_busy(program, generation)) {
		say("(the kernel skips %s: it would run inside another)",
		    hook_program_name(program->index));
		return 1;
	}
	if (program->hook->context == CONTEXT_ENTER ||
	    !choose(2, "(the kernel skips the next program)"))
		return 0;
	say("(it skips %s)", hook_program_name(program->index));
	return 1;
}

static void enter(const struct program *program, int generation, int delta)
{
	struct cpu *cpu = &world.cpu[current_thread->cpu];

	if (program->hook->guard == GUARD_CPU)
		cpu->active += delta;
	cpu->running[generation][program->index] += delta;
}

/* ---- running one ---- */

/* So that what earlier calls have left on the stack makes no difference between states. */
static __attribute__((noinline)) void clear_stack(void)
{
	char below[6144];

	memset(below, 0, sizeof(below));
	__asm__ volatile("" : : "r"(below) : "memory");
}

static void run_with(const struct program *program, const uint64_t *argument)
{
	uint64_t arguments[6] = { argument[0], argument[1], argument[2] };
	const void *sk = (const void *)(uintptr_t)argument[0];
	struct trace_event_raw_inet_sock_set_state state = { sk, (int)argument[1],
							     (int)argument[2] };
	struct trace_event_raw_tcp_event_sk sock = { sk };
	struct trace_event_raw_sys_enter enter = { argument[0], argument[1] };
	struct trace_event_raw_sys_exit exit = { (long)argument[0] };
	void *const contexts[] = {
		[CONTEXT_ARGUMENTS] = arguments, [CONTEXT_STATE] = &state, [CONTEXT_SOCK] = &sock,
		[CONTEXT_ENTER] = &enter,	 [CONTEXT_EXIT] = &exit,
	};

	arguments[program->hook->result_at] = argument[0];
	clear_stack();
	program->run(contexts[program->hook->context]);
}

static void run(const struct program *program, int generation, const uint64_t *argument)
{
	struct thread *thread = current_thread;

	enter(program, generation, 1);
	thread->program = program->index;
	thread->generation = generation;
	say("begins");
	run_with(program, argument);
	thread->program = 0;
	world.stage.awaited_programs &= ~(1 << world.current);
	enter(program, generation, -1);
}

static void note_descriptor(enum site site, int is_in_turn, int is_missed)
{
	int is_reported =
		site == SITE_FD_INSTALL || site == SITE_DUP2 || site == SITE_EXIT_ACCEPT ||
		site == SITE_EXIT_ACCEPT4 || site == SITE_EXIT_SOCKET || site == SITE_EXIT_DUP ||
		site == SITE_EXIT_DUP2 || site == SITE_EXIT_DUP3 || site == SITE_EXIT_FCNTL;

	if (is_reported && (is_in_turn || is_missed))
		truth_fd_passes(is_missed);
}

/* An interrupt leaves the program that it comes upon as it was: it has a thread of its own. */
static void fire_generation(enum site site, enum step step, int conn, int generation,
			    const struct program *from, const struct program *to,
			    const uint64_t *argument)
{
	for (const struct program *program = from; program < to && program->run; program++) {
		int is_attached = program->order < world.stage.hooks[generation];
		int is_in_turn = tool_control()->turn >> world.stage.bit[generation] & 1;

		if (is_cookie(program->hook)) {
			if (is_attached)
				run(program, generation, argument);
			continue;
		}
		if (!is_attached && !is_in_turn)
			continue;
		if (!is_attached || is_skipped(program, generation)) {
			if (is_in_turn)
				truth_missed(conn, step, program->rank);
			note_descriptor(site, is_in_turn, 1);
			continue;
		}
		if (is_in_turn)
			truth_seen(conn, step, program->rank);
		note_descriptor(site, is_in_turn, 0);
		run(program, generation, argument);
	}
}

/* Generations that are attached meanwhile come too late for it. */
static void fire_all(enum site site, enum step step, int conn, int first, int end,
		     const uint64_t *argument)
{
	int generations = world.stage.generations, is_newest_first = world.stage.newest_first;

	for (int i = 0; i < generations; i++)
		fire_generation(site, step, conn, is_newest_first ? generations - 1 - i : i,
				&at_site[site][first], &at_site[site][end], argument);
}

/*
 * The perf tracepoints of both generations run together, where that of the old one was
 * attached (kernel/trace/bpf_trace.c: one array of programs for an event).
 */
void hook_fire(enum site site, enum step step, int sock, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t argument[] = { a, b, c };
	int conn = sock < 0 ? 0 : world.sock[sock].conn;

	world.steps++;
	kernel_begins();
	truth_passes(conn, step, 1);
	if (site == SITE_STATE || site == SITE_DESTROY)
		for (int i = 0; i < AT_SITE; i++)
			fire_all(site, step, conn, i, i + 1, argument);
	else
		fire_all(site, step, conn, 0, AT_SITE, argument);
	truth_passes(conn, step, 0);
	kernel_ends();
}

void hook_run_announce(uint64_t cookie)
{
	struct thread *thread = current_thread;

	for (int i = 0; tracer_programs[i].name; i++)
		if (!strcmp(tracer_programs[i].name, "announce")) {
			thread->program = i + 1;
			tracer_programs[i].run(&cookie);
			thread->program = 0;
		}
}
