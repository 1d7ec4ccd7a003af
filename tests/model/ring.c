// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The ring of the events. What is submitted stays, for the judge. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "story.h"
#include "threads.h"
#include "truth.h"

static const char *const type_names[] = {
	[TCPT_ABI_CONNECT] = "connect",	    [TCPT_ABI_ACCEPT] = "accept",
	[TCPT_ABI_CLOSE] = "close",	    [TCPT_ABI_FAIL] = "fail",
	[TCPT_ABI_FDINSTALL] = "fdinstall", [TCPT_ABI_EXISTING] = "existing",
};

static struct record *record_of(void *bytes)
{
	return (struct record *)((char *)bytes - offsetof(struct record, bytes));
}

static int tap_of(void *ring)
{
	return (int)(*(struct map_shape **)ring - &map_shapes[MAP_RING]) + 1;
}

static void *make_record(void *ring, __u64 size)
{
	if (world.stage.full_taps >> tap_of(ring) & 1 || choose(2, "the ring is full")) {
		world.stage.faults |= FAULT_RING;
		return NULL;
	}
	for (int i = 0; i < EVENTS; i++) {
		struct record *record = &world.record[i];

		if (record->state != RECORD_FREE)
			continue;
		record->state = RECORD_RESERVED;
		record->tap = tap_of(ring);
		memset(record->bytes, 0xee, size); /* what an older record has left */
		return record->bytes;
	}
	fail("the model has no room for an event");
	return NULL;
}

void *ring_reserve(void *ring, __u64 size)
{
	point();
	return make_record(ring, size);
}

void ring_submit(void *bytes)
{
	const struct tcpt_abi_event *event = bytes;

	point();
	record_of(bytes)->state = RECORD_SUBMITTED;
	say("reports %s%s of %u -> %u, id %llu, pid %u, number %llu%s", type_names[event->type % 7],
	    event->flags & TCPT_ABI_LATE ? ", late," : "", event->tuple.sport, event->tuple.dport,
	    (unsigned long long)event->id, event->by.pid, (unsigned long long)event->seq,
	    event->type == TCPT_ABI_FAIL && !event->value ? ", no error" : "");
}

/* As if it had not been. */
void ring_discard(void *bytes)
{
	struct record *record = record_of(bytes);

	point();
	say("discards %s", type_names[((const struct tcpt_abi_event *)bytes)->type % 7]);
	memset(record, 0, sizeof(*record));
	record->state = RECORD_FREE;
}

/* What it copies may not change meanwhile. */
long ring_output(void *ring, const void *data, __u64 size)
{
	void *bytes;

	point();
	bytes = make_record(ring, size);
	if (!bytes)
		return -EAGAIN;
	memcpy(bytes, data, size);
	record_of(bytes)->state = RECORD_SUBMITTED;
	say("copies it to tap %d", tap_of(ring));
	return 0;
}

int any_event_is_unfinished(void)
{
	for (int i = 0; i < EVENTS; i++)
		if (world.record[i].state == RECORD_RESERVED)
			return 1;
	return 0;
}

int judge_tap = 1;

const struct tcpt_abi_event *event_next(int *at)
{
	for (; *at < EVENTS; ++*at)
		if (world.record[*at].state == RECORD_SUBMITTED &&
		    world.record[*at].tap == judge_tap)
			return (const struct tcpt_abi_event *)world.record[(*at)++].bytes;
	return NULL;
}
