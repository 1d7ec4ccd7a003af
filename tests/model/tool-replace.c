// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tcpt-load --replace: the turn passes from generation 0 to generation 1, in the steps of
 * libtcpt/trace/replace.c. A load that is killed is ended as libtcpt/pins/swap-settle.c
 * does it.
 */
#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "threads.h"
#include "tool.h"
#include "truth.h"

#define OLD 1U
#define NEW 2U
#define SHARED TCPT_ABI_TURN_SHARED

static int no_function_is_awaited(int unused)
{
	(void)unused;
	return !world.stage.awaited;
}

/* Then it waits as long as a function of the kernel takes. */
static void set_turn(uint32_t turn)
{
	free_point();
	tool_control()->turn = turn;
	truth_turn_passes();
	say("the turn is %s%s%s", turn & OLD ? "the old programs', " : "",
	    turn & NEW ? "the new programs', " : "", turn & SHARED ? "shared" : "alone");
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].is_used && world.thread[i].in_kernel)
			world.stage.awaited |= 1 << i;
	wait_until(no_function_is_awaited, 0);
}

/* The programs of which generation run first at a hook depends on its kind and the kernel. */
static void attach_beside(void)
{
	free_point();
	world.stage.newest_first = choose_freely(2);
	world.stage.generations = 2;
	world.stage.bit[1] = 1;
	world.stage.hooks[1] = HOOKS_ALL;
	say("the new programs are attached beside the old ones%s",
	    world.stage.newest_first ? ", and run first" : "");
}

static void detach(int generation)
{
	free_point();
	say("the %s programs are detached", generation ? "new" : "old");
	world.stage.hooks[generation] = 0;
}

static void pass_turn(int stages)
{
	static const uint32_t turns[] = { OLD | SHARED, OLD | NEW | SHARED, NEW | SHARED, NEW };

	for (int i = 0; i < stages; i++)
		set_turn(turns[i]);
}

static int no_program_is_awaited(int unused)
{
	(void)unused;
	return !world.stage.awaited_programs;
}

/* membarrier(2) waits for readers under RCU: what arrives is handled by one. */
void tool_await_programs(void)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].is_used &&
		    (world.thread[i].program || world.thread[i].is_active))
			world.stage.awaited_programs |= 1 << i;
	wait_until(no_program_is_awaited, 0);
}

/* Removes the entries of threads that were in a call when the programs were detached. */
static void clear_calls(enum map_id id)
{
	const void *key, *value;
	int at;

	while (at = 0, (key = map_next(id, &at, &value)))
		tool_delete(id, key);
}

/* calls_clear() of libtcpt/pins/calls.c: to remove the pins of the others takes longer. */
static void go_on_with(int generation)
{
	tool_await_programs();
	if (mode_of(generation)->is_tracepoint)
		return;
	clear_calls(MAP_SHUTDOWNS);
	clear_calls(MAP_FD_CALLS);
}

void tool_replace(void)
{
	attach_beside();
	pass_turn(4);
	detach(0);
	go_on_with(1);
}

static void go_back(void)
{
	set_turn(OLD | SHARED);
	set_turn(OLD);
}

static void settle(void)
{
	if (tool_control()->turn & NEW) {
		set_turn(NEW | SHARED);
		set_turn(NEW);
		detach(0);
		go_on_with(1);
	} else {
		go_back();
		detach(1);
		go_on_with(0);
	}
}

void tool_replace_killed(void)
{
	attach_beside();
	pass_turn(1 + choose_freely(3));
	say("the load is killed; the next tool settles it");
	settle();
}

/* The links of the new programs are those of a process, which is killed with them. */
void tool_replace_lost(void)
{
	attach_beside();
	pass_turn(1 + choose_freely(3));
	detach(1);
	go_back();
	go_on_with(0);
}

/* So are the links of the old ones. */
void tool_replace_left(void)
{
	int stages = 2 + choose_freely(2);

	attach_beside();
	pass_turn(stages);
	detach(0);
	if (stages == 2)
		set_turn(NEW | SHARED);
	set_turn(NEW);
	go_on_with(1);
}

/* ---- by those of another attach mode ---- */

static void change_mode(void)
{
	mode_choose(choose_freely(modes_besides()));
	say("the new programs are those of %s", mode_of(1)->name);
}

void tool_change_mode(void)
{
	change_mode();
	tool_replace();
}

void tool_change_mode_killed(void)
{
	change_mode();
	tool_replace_killed();
}

void tool_change_mode_lost(void)
{
	change_mode();
	tool_replace_lost();
}

void tool_change_mode_left(void)
{
	change_mode();
	tool_replace_left();
}
