// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The whole budget first. If that shows a failure, budgets from 0 up: the failure that is
 * kept has the fewest deviations, and of those the fewest steps.
 */
#include "explore.h"

#include <string.h>

#include "judge.h"
#include "states.h"
#include "story.h"
#include "threads.h"

struct way {
	uint8_t thread;
	uint8_t answer;
	uint8_t cost;
};

#define WAYS 8

struct frame {
	size_t saved;
	int length; /* of the choices so far */
	uint8_t count;
	uint8_t next;
	struct way ways[WAYS];
};

static struct frame frames[CHOICES];
static int depth;
static uint8_t choices[CHOICES];
static int length;

/* ---- what can happen next ---- */

static int list_answers(struct way *ways)
{
	const struct thread *thread = current_thread;
	int count = 0;

	for (int i = 0; i < thread->answers && count < WAYS; i++) {
		int cost = i && !thread->is_free ? 1 : 0;

		if (cost <= world.budget)
			ways[count++] = (struct way){ world.current, i, cost };
	}
	return count;
}

static int list_threads(struct way *ways)
{
	int can_go_on = thread_can_run(world.current), count = 0;
	int cost = can_go_on && current_thread->request == REQUEST_POINT;

	if (can_go_on)
		ways[count++] = (struct way){ world.current, 0, 0 };
	for (int i = 0; i < THREADS && cost <= world.budget; i++)
		if (i != world.current && thread_can_run(i))
			ways[count++] = (struct way){ i, 0, cost };
	return count;
}

static int list_ways(struct way *ways)
{
	return current_thread->request == REQUEST_CHOICE ? list_answers(ways) : list_threads(ways);
}

static void take(const struct way *way)
{
	world.budget -= way->cost;
	world.thread[way->thread].answer = way->answer;
	thread_resume(way->thread);
}

static int all_are_done(void)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].is_used && world.thread[i].request != REQUEST_DONE)
			return 0;
	return 1;
}

static void end_run(void)
{
	if (all_are_done())
		judge();
	else
		fail("the model is stuck: threads wait for each other");
}

/* ---- the search ---- */

static void keep(struct found *found, int budget)
{
	if (found->count >= 0 && found->count <= length)
		return;
	found->count = length;
	found->budget = budget;
	memcpy(found->choices, choices, length);
	strncpy(found->reason, failure(), sizeof(found->reason) - 1);
}

/* One step; 0 at the end of a run, or where the search has been. */
static int advance(struct found *found)
{
	struct frame *frame = &frames[depth];
	int is_free = current_thread->request != REQUEST_POINT;

	frame->count = list_ways(frame->ways);
	if (!frame->count) {
		end_run();
		found->runs++;
		return 0;
	}
	if ((frame->count > 1 || is_free) && !states_add(state_hash(), world.budget))
		return 0;
	if (frame->count > 1) {
		frame->saved = state_save();
		frame->length = length;
		frame->next = 1;
		choices[length++] = 0;
		depth++;
	}
	take(&frame->ways[0]);
	return !failure();
}

/* To the last place where there is another way; 0 if there is none. */
static int go_back(void)
{
	for (; depth; depth--) {
		struct frame *frame = &frames[depth - 1];

		state_restore(frame->saved);
		length = frame->length;
		if (frame->next < frame->count) {
			choices[length++] = frame->next;
			take(&frame->ways[frame->next++]);
			return 1;
		}
		state_forget(frame->saved);
	}
	return 0;
}

static void search(struct found *found, int budget, int is_first_enough)
{
	world.budget = budget;
	depth = length = 0;
	states_clear();
	do {
		while (!failure() && depth < CHOICES - 1 && advance(found))
			;
		if (failure())
			keep(found, budget);
		failure_clear();
	} while (!(is_first_enough && found->count >= 0) && go_back());
	found->states += states_count();
}

void explore(void (*begin)(void), int budget, struct found *found)
{
	size_t start;

	found->count = -1;
	begin();
	start = state_save();
	search(found, budget, 1);
	if (found->count >= 0) {
		found->count = -1;
		for (int i = 0; i <= budget && found->count < 0; i++) {
			state_restore(start);
			search(found, i, 0);
		}
	}
	state_forget(start);
	states_clear();
}

void explore_replay(void (*begin)(void), int budget, const uint8_t *way, int count)
{
	struct way ways[WAYS];
	int at = 0, n;

	begin();
	world.budget = budget;
	story_is_narrated = 1;
	while (!failure() && (n = list_ways(ways)) > 0) {
		int choice = n > 1 && at < count ? way[at] : 0;

		at += n > 1;
		take(&ways[choice < n ? choice : 0]);
	}
	if (!failure())
		end_run();
	story_is_narrated = 0;
}
