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

static struct program at_site[MODES][SITES][AT_SITE];

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

static int rank_of(const struct mode_hook *hook, const struct program *slot,
		   const struct program *first)
{
	if (!strncmp(hook->program, "rt_state", strlen("rt_state")))
		return 1;
	return slot - first - (slot != first && is_cookie(first->hook));
}

static void add_program(int mode, const struct mode_hook *hook, int order)
{
	struct program *first = at_site[mode][hook->site], *slot = first;

	while (slot->run)
		slot++;
	for (int i = 0; tracer_programs[i].name; i++)
		if (!strcmp(tracer_programs[i].name, hook->program))
			*slot = (struct program){ hook, tracer_programs[i].run, i + 1, order,
						  rank_of(hook, slot, first) };
	if (!slot->run)
		fail("there is no program %s", hook->program);
}

void hooks_begin(void)
{
	memset(at_site, 0, sizeof(at_site));
	for (int mode = 0; mode < MODES; mode++)
		for (int i = 0; modes[mode].hooks[i].program; i++)
			add_program(mode, &modes[mode].hooks[i], i);
}

int hooks_count(void)
{
	int count = 0;

	while (mode_now->hooks[count].program)
		count++;
	return count;
}

/* ---- attach modes ---- */

const struct mode *mode_of(int generation)
{
	return &modes[world.stage.mode[generation]];
}

static int is_beside(const struct mode *mode)
{
	return mode != mode_now && mode->kernels & mode_now->kernels;
}

int modes_besides(void)
{
	int count = 0;

	for (int i = 0; i < MODES; i++)
		count += is_beside(&modes[i]);
	return count;
}

void mode_choose(int n)
{
	for (int i = 0; i < MODES; i++)
		if (is_beside(&modes[i]) && !n--)
			world.stage.mode[1] = i;
}

int hooks_are_loaded(void)
{
	return world.stage.hooks[0] && world.stage.hooks[0] != HOOKS_ALL;
}

int modes_make_cookies(void)
{
	return is_cookie(mode_of(0)->hooks) && is_cookie(mode_of(1)->hooks);
}

int modes_have_tracepoint(void)
{
	return mode_of(0)->is_tracepoint || mode_of(1)->is_tracepoint;
}

int modes_end_mptcp(void)
{
	return mode_of(0)->ends_mptcp && mode_of(1)->ends_mptcp;
}

int modes_accept_late(void)
{
	return mode_of(0)->accept_is_late || mode_of(1)->accept_is_late;
}

/* ---- what the kernel skips ---- */

static int is_busy(const struct program *program, int generation)
{
	const struct cpu *cpu = &world.cpu[current_thread->cpu];

	if (program->hook->guard == GUARD_NONE)
		return 0;
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
	if (program->hook->context == CONTEXT_ENTER || program->hook->guard == GUARD_NONE ||
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
	if (program->hook->context >= CONTEXT_SOCK_ADDR) {
		hook_run_for_sock(program->run, program->hook->context, argument);
		return;
	}
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
	if (!thread->is_active)
		world.stage.awaited_programs &= ~(1 << world.current);
	enter(program, generation, -1);
}

/* While both generations have the turn, the older one reports. */
static int is_reporting(int generation)
{
	uint32_t turn = tool_control()->turn;

	return turn >> world.stage.bit[generation] & 1 &&
	       (!generation || !(turn >> world.stage.bit[0] & 1));
}

static void note_descriptor(enum site site, int generation, int is_in_turn, int is_missed)
{
	int is_reported = site == SITE_FD_INSTALL || site == SITE_INSTALL_INTO ||
			  site == SITE_DUP2 || site == SITE_EXIT_ACCEPT ||
			  site == SITE_EXIT_ACCEPT4 || site == SITE_EXIT_SOCKET ||
			  site == SITE_EXIT_DUP || site == SITE_EXIT_DUP2 ||
			  site == SITE_EXIT_DUP3 || site == SITE_EXIT_FCNTL;

	if (is_reported && (is_in_turn || is_missed))
		truth_fd_passes(is_missed, is_reporting(generation),
				mode_of(generation)->is_tracepoint);
}

/* What happens at one place. */
struct firing {
	enum site site;
	enum step step;
	int conn;
	const uint64_t *argument;
};

static int is_in_turn(int generation)
{
	return tool_control()->turn >> world.stage.bit[generation] & 1;
}

/*
 * The turn may pass on between the call of a program and this. Nobody else handles the step
 * if the programs of one generation are detached.
 */
void hook_looks_for_turn(void)
{
	struct thread *thread = current_thread;

	if (!thread->program || thread->has_looked)
		return;
	if (thread->sock)
		hook_refresh();
	thread->has_looked = 1;
	if (is_in_turn(thread->generation))
		truth_seen(thread->conn, thread->step, thread->rank);
	else if (!world.stage.hooks[0] || !world.stage.hooks[1])
		truth_missed(thread->conn, thread->step, thread->rank);
}

static void run_step(const struct firing *firing, int generation, const struct program *program)
{
	struct thread *thread = current_thread;

	thread->has_looked = 0;
	thread->step = firing->step;
	thread->rank = program->rank;
	run(program, generation, firing->argument);
}

/* An interrupt leaves the program that it comes upon as it was: it has a thread of its own. */
static void fire_program(const struct firing *firing, int generation, const struct program *program)
{
	int is_attached = program->order < world.stage.hooks[generation];
	int had_turn = is_in_turn(generation);

	if (is_cookie(program->hook)) {
		if (is_attached)
			run_step(firing, generation, program);
		return;
	}
	if (!is_attached && !had_turn)
		return;
	if (!is_attached || is_skipped(program, generation)) {
		if (had_turn)
			truth_missed(firing->conn, firing->step, program->rank);
		else if (firing->step == STEP_OTHER)
			world.stage.calls_missed = 1;
		note_descriptor(firing->site, generation, had_turn, 1);
		return;
	}
	note_descriptor(firing->site, generation, had_turn, 0);
	run_step(firing, generation, program);
}

static const struct program *programs_of(int generation, enum site site)
{
	return at_site[world.stage.mode[generation]][site];
}

static void fire_generation(const struct firing *firing, int generation, int is_perf_only)
{
	const struct program *program = programs_of(generation, firing->site);

	for (int i = 0; i < AT_SITE && program[i].run; i++)
		if (!is_perf_only || program[i].hook->guard == GUARD_CPU)
			fire_program(firing, generation, &program[i]);
}

/*
 * The perf tracepoints of both generations run together, where the first of them was
 * attached (kernel/trace/bpf_trace.c: one array of programs for an event).
 */
static void fire_tracepoint(const struct firing *firing, const int *generations, int count)
{
	int is_perf_over = 0;

	for (int i = 0; i < count; i++) {
		const struct program *program = programs_of(generations[i], firing->site);

		for (int at = 0; at < AT_SITE && program[at].run; at++) {
			if (program[at].hook->guard != GUARD_CPU) {
				fire_program(firing, generations[i], &program[at]);
				continue;
			}
			for (int all = 0; all < count && !is_perf_over; all++)
				fire_generation(firing, generations[all], 1);
			is_perf_over = 1;
		}
	}
}

/* Generations that are attached meanwhile come too late for it. */
void hook_fire(enum site site, enum step step, int sock, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t argument[] = { a, b, c };
	const struct firing firing = { site, step, sock < 0 ? 0 : world.sock[sock].conn, argument };
	int count = world.stage.generations, is_newest_first = world.stage.newest_first;
	const int generations[GENERATIONS] = { is_newest_first, !is_newest_first };

	world.steps++;
	kernel_begins();
	truth_passes(firing.conn, step, 1);
	if (site == SITE_STATE || site == SITE_DESTROY)
		fire_tracepoint(&firing, generations, count);
	else
		for (int i = 0; i < count; i++)
			fire_generation(&firing, generations[i], 0);
	truth_passes(firing.conn, step, 0);
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
