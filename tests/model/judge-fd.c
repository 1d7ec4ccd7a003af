// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What has to be told of new descriptors. */
#include "judge.h"

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "truth.h"

static int count_told(const struct descriptor *descriptor)
{
	const struct tcpt_abi_event *event;
	int count = 0;

	for (int at = 0; (event = event_next(&at));)
		count += event->type == TCPT_ABI_FDINSTALL &&
			 event->by.pid == tasks[descriptor->task].pid &&
			 event->value == descriptor->fd;
	return count;
}

/* The turn passes from a mode that tells of all descriptors to one that tells of sockets. */
static int is_left_to_tracepoint(const struct descriptor *descriptor)
{
	return descriptor->is_passed && !descriptor->is_socket && modes_have_tracepoint();
}

/* Once, if the one program that sees it ran in a process that was watched. */
static int judge_descriptor(const struct descriptor *descriptor)
{
	int told = count_told(descriptor), most = descriptor->seen && descriptor->watched;
	int least = descriptor->due && descriptor->watched == 3 && !descriptor->missed &&
		    !is_left_to_tracepoint(descriptor);

	if (told > most)
		fail("descriptor %d of pid %u is told %d times", descriptor->fd,
		     tasks[descriptor->task].pid, told);
	judge_tally.perhaps_lost += most - told;
	if (told >= least)
		return told;
	if (world.stage.faults & FAULT_RING)
		judge_tally.lost += least - told;
	else
		fail("descriptor %d of pid %u is not told", descriptor->fd,
		     tasks[descriptor->task].pid);
	return told;
}

void judge_fds(void)
{
	const struct tcpt_abi_event *event;
	int told = 0;

	for (int i = 0; i < world.fds; i++)
		told += judge_descriptor(&world.descriptor[i]);
	for (int at = 0; (event = event_next(&at));)
		told -= event->type == TCPT_ABI_FDINSTALL;
	if (told)
		fail("a descriptor is told that there never was");
}
