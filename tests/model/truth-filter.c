// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which connections the filters hide. They decide at the step that reports one. A connect
 * is hidden for good if they hide it before: when it begins by all that is known then,
 * which is not the local port, and when its SYN goes out by that.
 */
#include <stddef.h>
#include <string.h>

#include "maps.h"
#include "story.h"
#include "tool.h"
#include "truth.h"

static int hides_by(const struct truth *truth, int task_plus_1)
{
	const struct model_task *opener = task_plus_1 ? &tasks[task_plus_1 - 1] : NULL;
	struct tcpt_abi_task task = {};

	if (opener) {
		task.pid = opener->pid;
		task.uid = opener->uid;
		task.cgroup = opener->pid + 1000;
		memcpy(task.comm, opener->comm, sizeof(task.comm));
	}
	return tool_hides(&truth->tuple, &task, truth->role) ||
	       (opener && tool_leaves_out(task_plus_1 - 1));
}

static int hides(const struct truth *truth)
{
	return hides_by(truth, truth->opener);
}

static int hides_port(const struct truth *truth)
{
	return !tool_selects(TCPT_ABI_FILTER_SPORT, truth->tuple.sport);
}

/* Bits of what hides it: its local port, anything else. */
static int hidden_by(const struct truth *truth)
{
	int port = hides_port(truth);
	struct truth other = *truth;

	if (tool_control()->filters.keys >> TCPT_ABI_FILTER_SPORT & 1)
		other.tuple.sport = tool_selected(TCPT_ABI_FILTER_SPORT);
	else if (port)
		other.tuple.sport = 0; /* the port alone hides it */
	return port | hides(&other) << 1;
}

static void decide(struct truth *truth, enum filtered filtered)
{
	truth->is_filtered = filtered;
	truth->is_decided = 1;
}

/* Its hooks of this step are through. What none of them saw is decided later. */
void truth_filter(struct truth *truth, enum step step)
{
	int by = hidden_by(truth);

	if (truth->is_decided || !truth->seen[step])
		return;
	if (step == STEP_ACCEPT || (truth->role == TCPT_ABI_CLIENT && step == STEP_OPEN) ||
	    (truth->failed && step == STEP_END))
		decide(truth, by ? FILTERED_HIDDEN : FILTERED_SHOWN);
	else if ((step == STEP_BEGIN && by & 2) || (step == STEP_ATTEMPT && by & 1))
		decide(truth, FILTERED_HIDDEN);
}

/*
 * If no hook has seen a step that decides, one that sees a later step does. Of an older
 * connection that was closed before stock was taken, the task that closes it decides.
 */
enum filtered truth_filtered(const struct truth *truth)
{
	if (truth->older == OLDER_OPEN && truth->stock != 2 &&
	    hides_by(truth, truth->closer) != hides(truth))
		return FILTERED_PERHAPS;
	if (truth->is_decided)
		return truth->is_filtered;
	return hidden_by(truth) ? FILTERED_HIDDEN : FILTERED_SHOWN;
}

/* What stock is taken of is decided then; a connect that is shown once more at its end. */
void truth_filter_older(struct truth *truth, int is_hidden)
{
	truth->is_filtered = is_hidden ? FILTERED_HIDDEN : FILTERED_SHOWN;
	truth->is_decided = is_hidden || truth->older == OLDER_OPEN;
}

static int passes(int conn)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].is_used && world.thread[i].conn == conn)
			return 1;
	return 0;
}

/* If a hook of it is at work, it depends on who comes first. */
void truth_filters_change(int is_after)
{
	for (int i = 0; i < THREADS; i++)
		if (world.thread[i].descriptor)
			world.descriptor[world.thread[i].descriptor - 1].watched |= 4;
	for (int i = 0; i < world.conns; i++) {
		struct truth *truth = &world.truth[i];

		if (!is_after)
			truth->was_hidden = hidden_by(truth);
		else if (!truth->is_decided && truth->was_hidden != hidden_by(truth) &&
			 passes(i + 1))
			decide(truth, FILTERED_PERHAPS);
	}
	world.stage.are_filters_changed = 1;
}
