// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* This makes the event of tcpt.h from the record in the ring. */
#include "internal.h"
#include "maps/event.h"
#include "tcpt_abi.h"

const char *event_role_name(enum tcpt_role role)
{
	static const char *const names[] = {
		[TCPT_ROLE_CLIENT] = "client",
		[TCPT_ROLE_SERVER] = "server",
	};

	return (size_t)role < ARRAY_SIZE(names) ? names[role] : NULL;
}

bool event_is_gap(const struct tcpt_event *event)
{
	return event->type == TCPT_EVENT_LOST || event->type == TCPT_EVENT_OVERWRITTEN;
}

const char *event_where_name(const struct tcpt_event *event)
{
	const char *name = tcpt_where_name(event->where);

	return name ? name : "unknown";
}

TCPT_API const char *tcpt_event_type_name(enum tcpt_event_type type)
{
	static const char *const names[] = {
		[TCPT_EVENT_LOST] = "lost",	    [TCPT_EVENT_CONNECT] = "connect",
		[TCPT_EVENT_ACCEPT] = "accept",	    [TCPT_EVENT_CLOSE] = "close",
		[TCPT_EVENT_FAIL] = "fail",	    [TCPT_EVENT_FDINSTALL] = "fdinstall",
		[TCPT_EVENT_EXISTING] = "existing", [TCPT_EVENT_OVERWRITTEN] = "overwritten",
	};

	return (size_t)type < ARRAY_SIZE(names) ? names[type] : NULL;
}

TCPT_API const char *tcpt_reason_name(enum tcpt_reason reason)
{
	static const char *const names[] = {
		[TCPT_REASON_LOCAL] = "local",
		[TCPT_REASON_PEER] = "peer",
		[TCPT_REASON_RESET] = "reset",
		[TCPT_REASON_TIMEOUT] = "timeout",
	};

	return (size_t)reason < ARRAY_SIZE(names) ? names[reason] : NULL;
}

TCPT_API const char *tcpt_where_name(enum tcpt_where where)
{
	static const char *const names[] = {
		[TCPT_WHERE_RING] = "ring",
		[TCPT_WHERE_CONNS] = "conns",
		[TCPT_WHERE_PENDING] = "pending",
		[TCPT_WHERE_POSITION] = "position",
	};

	return (size_t)where < ARRAY_SIZE(names) ? names[where] : NULL;
}

void event_set_ends(struct tcpt_event *event, const struct tcpt_abi_tuple *tuple)
{
	event->family = tuple->family;
	memcpy(event->saddr, tuple->saddr, sizeof(event->saddr));
	memcpy(event->daddr, tuple->daddr, sizeof(event->daddr));
	event->sport = tuple->sport;
	event->dport = tuple->dport;
	event->netns = tuple->netns;
	event->netns_cookie = tuple->netns_cookie;
}

void event_set_task(struct tcpt_event *event, const struct tcpt_abi_task *task)
{
	event->pid = task->pid;
	event->tid = task->tid;
	event->uid = task->uid;
	event->cgroup = task->cgroup;
	memcpy(event->comm, task->comm, TCPT_COMM_LEN);
	event->comm[TCPT_COMM_LEN] = '\0';
}

/* Another processor's clock may have been ahead. */
static bool is_after(const struct tcpt_event *event, const struct tcpt_abi_event *record)
{
	return record->began && event->ts >= record->began;
}

static void decode_wait(struct tcpt_event *event, const struct tcpt_abi_event *record)
{
	event->has_wait = !event->late && is_after(event, record);
	if (event->has_wait)
		event->wait_ns = event->ts - record->began;
}

static void decode_close(struct tcpt_event *event, const struct tcpt_abi_close *record)
{
	event->opener_pid = record->opener_pid;
	event->has_duration = is_after(event, &record->event);
	if (event->has_duration)
		event->duration_ns = event->ts - record->event.began;
	event->reason = record->reason;
	event->has_bytes_sent = record->known & TCPT_ABI_BYTES_SENT;
	if (event->has_bytes_sent)
		event->bytes_sent = record->figures.bytes_sent;
	event->has_bytes_received = record->known & TCPT_ABI_BYTES_RECEIVED;
	if (event->has_bytes_received)
		event->bytes_received = record->figures.bytes_received;
	event->has_srtt = record->known & TCPT_ABI_SRTT;
	if (event->has_srtt)
		event->srtt_us = record->figures.srtt_us;
	event->has_retransmits = record->known & TCPT_ABI_RETRANSMITS;
	if (event->has_retransmits)
		event->retransmits = record->figures.retransmits;
}

/* Fills in the members that only some types have. */
static void decode_details(struct tcpt_event *event, const void *record)
{
	const struct tcpt_abi_event *common = record;

	if (event->type == TCPT_EVENT_CLOSE)
		decode_close(event, record);
	else if (event->type == TCPT_EVENT_FDINSTALL)
		event->fd = common->value;
	else if (event->type != TCPT_EVENT_EXISTING)
		decode_wait(event, common);
	if (event->type == TCPT_EVENT_FAIL)
		event->error = common->value;
}

/* The ABI's types, roles and reasons are those of tcpt.h. */
_Static_assert((int)TCPT_ABI_CONNECT == TCPT_EVENT_CONNECT, "connect");
_Static_assert((int)TCPT_ABI_ACCEPT == TCPT_EVENT_ACCEPT, "accept");
_Static_assert((int)TCPT_ABI_CLOSE == TCPT_EVENT_CLOSE, "close");
_Static_assert((int)TCPT_ABI_FAIL == TCPT_EVENT_FAIL, "fail");
_Static_assert((int)TCPT_ABI_FDINSTALL == TCPT_EVENT_FDINSTALL, "fdinstall");
_Static_assert((int)TCPT_ABI_EXISTING == TCPT_EVENT_EXISTING, "existing");
_Static_assert((int)TCPT_ABI_CLIENT == TCPT_ROLE_CLIENT, "client");
_Static_assert((int)TCPT_ABI_SERVER == TCPT_ROLE_SERVER, "server");
_Static_assert((int)TCPT_ABI_LOCAL == TCPT_REASON_LOCAL, "local");
_Static_assert((int)TCPT_ABI_PEER == TCPT_REASON_PEER, "peer");
_Static_assert((int)TCPT_ABI_RESET == TCPT_REASON_RESET, "reset");
_Static_assert((int)TCPT_ABI_TIMEOUT == TCPT_REASON_TIMEOUT, "timeout");
_Static_assert((int)TCPT_ABI_WHERE_RING == TCPT_WHERE_RING, "ring");
_Static_assert((int)TCPT_ABI_WHERE_CONNS == TCPT_WHERE_CONNS, "conns");
_Static_assert((int)TCPT_ABI_WHERE_PENDING == TCPT_WHERE_PENDING, "pending");
_Static_assert((int)TCPT_ABI_WHERES == TCPT_WHERE_POSITION, "what the programs count");

/* Returns true if this is a whole record of a version and type that is known here. */
static bool is_record(const struct tcpt_abi_event *record, size_t size)
{
	size_t expected = sizeof(*record);

	if (size < expected || record->version != TCPT_ABI_VERSION ||
	    record->type == TCPT_EVENT_LOST || record->type >= TCPT_ABI_TYPES)
		return false;
	if (record->type == TCPT_ABI_CLOSE)
		expected = sizeof(struct tcpt_abi_close);
	return size >= expected && record->size == expected;
}

int event_decode(struct tcpt_event *event, const void *data, size_t size)
{
	const struct tcpt_abi_event *record = data;

	if (!is_record(record, size))
		return -EPROTO;
	memset(event, 0, sizeof(*event));
	event->type = record->type;
	event->role = record->role;
	event->cpu = record->cpu;
	event->seq = record->seq;
	event->ts = record->ts;
	event->id = record->id;
	event->cookie = record->cookie;
	event->late = record->flags & TCPT_ABI_LATE;
	event_set_task(event, &record->by);
	event_set_ends(event, &record->tuple);
	decode_details(event, data);
	return 0;
}
