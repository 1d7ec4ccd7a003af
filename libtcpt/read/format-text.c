// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as columns for people. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "read/format.h"
#include "read/time-format.h"
#include "read/who-value.h"

#define TIME_WIDTH 16
#define TYPE_WIDTH 9

static char *put_padded(char *p, const char *start, unsigned int width)
{
	while (p < start + width)
		*p++ = ' ';
	*p++ = ' ';
	return p;
}

static char *put_end(char *p, int family, const uint8_t *address, uint16_t port)
{
	char *start = p;

	if (family == 6)
		*p++ = '[';
	p = put_address(p, family, address);
	if (family == 6)
		*p++ = ']';
	*p++ = ':';
	p = put_number(p, port);
	return put_padded(p, start, 22);
}

static char *put_duration(char *p, uint64_t ns)
{
	uint64_t tenths = ns < 999950000 ? (ns + 50000) / 100000 : (ns + 50000000) / 100000000;

	if (ns < 999500)
		return p + sprintf(p, "%" PRIu64 " us", (ns + 500) / 1000);
	return p + sprintf(p, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			   ns < 999950000 ? "ms" : "s");
}

/* Adds a further word to a note, after a space. */
static char *put_word(char *p, const char *text)
{
	*p++ = ' ';
	return put_text(p, text);
}

static char *put_figures(char *p, const struct tcpt_event *event)
{
	if (event->has_bytes_sent)
		p = put_number(put_word(p, "sent "), event->bytes_sent);
	if (event->has_bytes_received)
		p = put_number(put_word(p, "received "), event->bytes_received);
	if (event->has_srtt && event->srtt_us)
		p = put_duration(put_word(p, "rtt "), event->srtt_us * 1000ULL);
	if (event->has_retransmits && event->retransmits)
		p = put_number(put_word(p, "retransmits "), event->retransmits);
	return p;
}

static char *put_close_notes(char *p, const struct tcpt_event *event)
{
	const char *reason = tcpt_reason_name(event->reason);

	if (event->has_duration)
		p = put_duration(put_word(p, ""), event->duration_ns);
	if (reason)
		p = put_word(p, reason);
	p = put_figures(p, event);
	if (event->opener_pid && event->opener_pid != event->pid)
		p = put_number(put_word(p, "opener "), event->opener_pid);
	return p;
}

/* A failure has the time after its errno, and the others say what it is. */
static char *put_wait(char *p, const struct tcpt_event *event)
{
	static const char *const names[] = {
		[TCPT_EVENT_CONNECT] = "latency ",
		[TCPT_EVENT_FAIL] = "after ",
		[TCPT_EVENT_ACCEPT] = "queue ",
	};

	if (!event->has_wait || (size_t)event->type >= ARRAY_SIZE(names) || !names[event->type])
		return p;
	return put_duration(put_word(p, names[event->type]), event->wait_ns);
}

static char *put_notes(char *p, const struct tcpt_event *event)
{
	if (event->type == TCPT_EVENT_CLOSE)
		p = put_close_notes(p, event);
	else if (event->type == TCPT_EVENT_FAIL && event->error)
		p = put_errno(put_word(p, ""), event->error);
	else if (event->type == TCPT_EVENT_FDINSTALL)
		p = put_number(put_word(p, "fd "), event->fd);
	p = who_value_put_notes(put_wait(p, event), event->who);
	return event->late ? put_word(p, "late") : p;
}

static char *put_text_gap(char *p, const struct tcpt_event *event, const char *when)
{
	static const char *const what[] = {
		[TCPT_WHERE_RING] = " events lost",
		[TCPT_WHERE_CONNS] = " connections not remembered",
		[TCPT_WHERE_PENDING] = " failed connects not reported",
		[TCPT_WHERE_POSITION] = " events passed over",
	};

	p = put_number(put_text(p, "-- "), event->count);
	if (event->type == TCPT_EVENT_OVERWRITTEN)
		p = put_text(p, " events overwritten");
	else
		p = put_text(p, (size_t)event->where < ARRAY_SIZE(what) ? what[event->where] :
									  " lost");
	p = put_number(put_text(p, " on cpu "), event->cpu);
	p = put_text(put_number(put_text(p, ", "), event->total), " in all");
	if (event->type == TCPT_EVENT_LOST) {
		p = put_text(put_text(p, ": "), event_where_name(event));
		p = put_text(p, event->where == TCPT_WHERE_POSITION ? " moved" : " full");
	}
	if (when)
		p = put_text(put_text(p, ", at "), when);
	return put_text(p, " --\n");
}

static char *put_ends(char *p, const struct tcpt_event *event)
{
	char *start = p;

	if (event->family) {
		p = put_end(p, event->family, event->saddr, event->sport);
		return put_end(p, event->family, event->daddr, event->dport);
	}
	p = put_padded(put_text(p, "-"), start, 22);
	start = p;
	return put_padded(put_text(p, "-"), start, 22);
}

char *format_text(char *p, const struct tcpt_event *event, const char *when)
{
	char *start = p;

	if (event_is_gap(event))
		return put_text_gap(p, event, when);
	if (!when)
		p = time_format_seconds(p, event->ts);
	else
		p = put_text(p, *when ? when : "-");
	p = put_padded(p, start, TIME_WIDTH);
	start = p;
	p = put_padded(put_text(p, tcpt_event_type_name(event->type)), start, TYPE_WIDTH);
	start = p;
	p = event->pid ? put_number(p, event->pid) : put_text(p, "-");
	p = put_padded(p, start, 7);
	start = p;
	p = put_padded(escape_word(p, event->pid ? event->comm : ""), start, 15);
	p = put_ends(p, event);
	start = p;
	p = put_padded(event->netns ? put_number(p, event->netns) : put_text(p, "-"), start, 10);
	p = put_notes(p - 1, event);
	while (p[-1] == ' ')
		p--;
	return put_text(p, "\n");
}

char *format_text_heading(char *p, unsigned int width)
{
	p = put_padded(put_text(p, "TIME"), p, width > TIME_WIDTH ? width : TIME_WIDTH);
	return put_text(p,
			"TYPE      PID     COMM            LOCAL                  REMOTE          "
			"       NETNS      NOTE\n");
}
