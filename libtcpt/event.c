// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From the record in the ring to the event of tcpt.h. */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "tcpt_abi.h"

TCPT_API const char *tcpt_event_type_name(enum tcpt_event_type type)
{
	static const char *const names[] = {
		[TCPT_EVENT_LOST] = "lost",
		[TCPT_EVENT_CONNECT] = "connect",
		[TCPT_EVENT_ACCEPT] = "accept",
		[TCPT_EVENT_CLOSE] = "close",
	};

	return (size_t)type < ARRAY_SIZE(names) ? names[type] : NULL;
}

static void decode_tuple(struct tcpt_event *event, const struct tcpt_abi_tuple *tuple)
{
	event->family = tuple->family;
	memcpy(event->saddr, tuple->saddr, sizeof(event->saddr));
	memcpy(event->daddr, tuple->daddr, sizeof(event->daddr));
	event->sport = tuple->sport;
	event->dport = tuple->dport;
	event->netns = tuple->netns;
}

static void decode_task(struct tcpt_event *event, const struct tcpt_abi_task *task)
{
	event->pid = task->pid;
	event->tid = task->tid;
	event->uid = task->uid;
	memcpy(event->comm, task->comm, TCPT_COMM_LEN);
	event->comm[TCPT_COMM_LEN] = '\0';
}

static void decode_close(struct tcpt_event *event, const struct tcpt_abi_event *record)
{
	event->opener_pid = record->opener_pid;
	event->has_duration = record->opened && record->ts >= record->opened;
	if (event->has_duration)
		event->duration_ns = record->ts - record->opened;
}

/* The ABI's types and roles are those of tcpt.h. */
_Static_assert((int)TCPT_ABI_CONNECT == TCPT_EVENT_CONNECT, "connect");
_Static_assert((int)TCPT_ABI_ACCEPT == TCPT_EVENT_ACCEPT, "accept");
_Static_assert((int)TCPT_ABI_CLOSE == TCPT_EVENT_CLOSE, "close");
_Static_assert((int)TCPT_ABI_CLIENT == TCPT_ROLE_CLIENT, "client");
_Static_assert((int)TCPT_ABI_SERVER == TCPT_ROLE_SERVER, "server");

int event_decode(struct tcpt_event *event, const void *data, size_t size)
{
	const struct tcpt_abi_event *record = data;

	if (size < sizeof(*record) || record->size != sizeof(*record) ||
	    record->version != TCPT_ABI_VERSION || record->type == TCPT_EVENT_LOST ||
	    record->type >= TCPT_EVENT_TYPES)
		return -EPROTO;
	memset(event, 0, sizeof(*event));
	event->type = record->type;
	event->role = record->role;
	event->cpu = record->cpu;
	event->seq = record->seq;
	event->ts = record->ts;
	event->id = record->id;
	event->late = record->flags & TCPT_ABI_LATE;
	decode_task(event, &record->by);
	decode_tuple(event, &record->tuple);
	if (event->type == TCPT_EVENT_CLOSE)
		decode_close(event, record);
	return 0;
}
