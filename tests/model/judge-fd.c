// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What has to be reported of new descriptors. */
#include "judge.h"

#include "hooks.h"
#include "maps.h"
#include "story.h"
#include "truth.h"

static int count_reported(const struct descriptor *descriptor)
{
	const struct tcpt_abi_event *event;
	int count = 0;

	for (int at = 0; (event = event_next(&at));)
		count += event->type == TCPT_ABI_FDINSTALL &&
			 event->by.pid == tasks[descriptor->task].pid &&
			 event->value == descriptor->fd;
	return count;
}

/* The turn passes from a mode that reports all descriptors to one that reports sockets. */
static int is_left_to_tracepoint(const struct descriptor *descriptor)
{
	return descriptor->is_passed && !descriptor->is_socket && modes_have_tracepoint();
}

/* Once, if the one program that sees it ran in a process that was watched. */
static int judge_descriptor(const struct descriptor *descriptor)
{
	int reported = count_reported(descriptor), most = descriptor->seen && descriptor->watched;
	int least = descriptor->due && descriptor->watched == 3 && !descriptor->missed &&
		    !is_left_to_tracepoint(descriptor);

	if (reported > most)
		fail("descriptor %d of pid %u is reported %d times", descriptor->fd,
		     tasks[descriptor->task].pid, reported);
	judge_tally.perhaps_lost += most - reported;
	if (reported >= least)
		return reported;
	if (world.stage.faults & FAULT_RING)
		judge_tally.lost += least - reported;
	else
		fail("descriptor %d of pid %u is not reported", descriptor->fd,
		     tasks[descriptor->task].pid);
	return reported;
}

void judge_fds(void)
{
	const struct tcpt_abi_event *event;
	int reported = 0;

	for (int i = 0; i < world.fds; i++)
		reported += judge_descriptor(&world.descriptor[i]);
	for (int at = 0; (event = event_next(&at));)
		reported -= event->type == TCPT_ABI_FDINSTALL;
	if (reported)
		fail("a descriptor is reported that there never was");
}
