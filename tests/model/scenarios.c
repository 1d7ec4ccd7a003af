// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "scenarios.h"

#include <string.h>

#include "hooks.h"
#include "maps.h"
#include "modes.h"
#include "story.h"

struct world world;

/* The first guesses in some scenarios, and has such a name. */
struct model_task tasks[TASKS] = {
	{ .pid = 100, .uid = 1000, .comm = TCPT_ABI_LEFT_OUT_NAME " first" },
	{ .pid = 200, .uid = 2000, .comm = "second" },
	{ .pid = 300, .uid = 3000, .comm = "tool" },
	{ .pid = 999, .uid = 9999, .comm = "stranger" },
};

const struct scenario *const scenario_lists[] = {
	scenarios_client,   scenarios_server, scenarios_older,	scenarios_fd,
	scenarios_replaced, scenarios_ends,   scenarios_filter, scenarios_mptcp,
	scenarios_absent,   scenarios_taps,   scenarios_missed, NULL
};
const struct scenario *scenario_now;
int scenario_network_cpu;

/* What a plain file points to has no file of its own. */
static struct socket no_socket;
static struct file plain_file = { .private_data = &no_socket };

/* All descriptors lead to the socks of their numbers. */
static void tasks_begin(void)
{
	for (int i = 0; i < TASKS; i++) {
		struct model_task *task = &tasks[i];

		for (int fd = 0; fd < SOCKS; fd++)
			task->fd[fd] = &world.sock[fd].file;
		for (int fd = SOCKS + 1; fd < FDS - 1; fd++)
			task->fd[fd] = &world.sock[0].file;
		task->fd[SOCKS] = task->fd[FDS - 1] = &plain_file;
		task->table.fd = task->fd;
		task->files.fdt = &task->table;
		task->task.files = &task->files;
	}
}

int scenario_fits(const struct scenario *list)
{
	return !mode_now->is_cgroup || list == scenarios_client || list == scenarios_server ||
	       list == scenarios_ends;
}

void scenario_begin(void)
{
	memset(&world, 0, sizeof(world));
	failure_clear();
	tasks_begin();
	maps_begin();
	hooks_begin();
	world.clock = 1000;
	world.stage.generations = 1;
	world.stage.mode[0] = world.stage.mode[1] = mode_now - modes;
	world.stage.hooks[0] = HOOKS_ALL;
	tool_control()->turn = 1;
	thread_start(0, scenario_now->task, 0, 0, 0);
	if (scenario_now->other)
		thread_start(1, scenario_now->other, 1, 1, 0);
	if (scenario_now->network)
		thread_start(2, scenario_now->network, scenario_network_cpu, TASKS - 1, 1);
	if (scenario_now->tool)
		thread_start(3, scenario_now->tool, CPUS - 1, TASKS - 2, 0);
	if (scenario_now->prepare)
		scenario_now->prepare();
}

const struct scenario *scenario_find(const char *name)
{
	for (int i = 0; scenario_lists[i]; i++)
		for (const struct scenario *s = scenario_lists[i]; s->name; s++)
			if (!strcmp(s->name, name))
				return s;
	return NULL;
}
