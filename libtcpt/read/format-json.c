// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as JSON, one object a line. A key whose value is not known is left out. */
#include "base/escape.h"
#include "internal.h"
#include "maps/event.h"
#include "read/format.h"
#include "read/put.h"

static char *put_key(char *p, const char *key)
{
	p = put_text(p, ",\"");
	p = put_text(p, key);
	return put_text(p, "\":");
}

static char *put_json_number(char *p, const char *key, uint64_t number)
{
	return put_number(put_key(p, key), number);
}

static char *put_json_address(char *p, const char *key, int family, const uint8_t *address)
{
	p = put_key(p, key);
	*p++ = '"';
	p = put_address(p, family, address);
	*p++ = '"';
	return p;
}

static char *put_json_task(char *p, const struct tcpt_event *event)
{
	if (!event->pid)
		return p;
	p = put_json_number(p, "pid", event->pid);
	p = put_json_number(p, "tid", event->tid);
	p = put_json_number(p, "uid", event->uid);
	p = escape_json(put_key(p, "comm"), event->comm);
	return event->cgroup ? put_json_number(p, "cgroup", event->cgroup) : p;
}

static char *put_json_ends(char *p, const struct tcpt_event *event)
{
	if (!event->family)
		return p;
	p = put_json_number(p, "family", event->family);
	p = put_json_address(p, "saddr", event->family, event->saddr);
	if (event->sport)
		p = put_json_number(p, "sport", event->sport);
	p = put_json_address(p, "daddr", event->family, event->daddr);
	if (event->dport)
		p = put_json_number(p, "dport", event->dport);
	return event->netns ? put_json_number(p, "netns", event->netns) : p;
}

static char *put_json_figures(char *p, const struct tcpt_event *event)
{
	if (event->has_bytes_sent)
		p = put_json_number(p, "bytes_sent", event->bytes_sent);
	if (event->has_bytes_received)
		p = put_json_number(p, "bytes_received", event->bytes_received);
	if (event->has_srtt)
		p = put_json_number(p, "srtt_us", event->srtt_us);
	if (event->has_retransmits)
		p = put_json_number(p, "retransmits", event->retransmits);
	return p;
}

static char *put_json_close(char *p, const struct tcpt_event *event)
{
	const char *reason = tcpt_reason_name(event->reason);

	if (event->has_duration)
		p = put_json_number(p, "duration_ns", event->duration_ns);
	p = put_json_figures(p, event);
	if (reason)
		p = escape_json(put_key(p, "reason"), reason);
	return event->opener_pid ? put_json_number(p, "opener_pid", event->opener_pid) : p;
}

static char *put_json_details(char *p, const struct tcpt_event *event)
{
	if (event->type == TCPT_EVENT_CLOSE)
		return put_json_close(p, event);
	if (event->type == TCPT_EVENT_FAIL && event->error) {
		p = put_errno(put_text(put_key(p, "errno"), "\""), event->error);
		return put_text(p, "\"");
	}
	return event->type == TCPT_EVENT_FDINSTALL ? put_json_number(p, "fd", event->fd) : p;
}

char *format_json(char *p, const struct tcpt_event *event)
{
	const char *role = event_role_name(event->role);

	if (event->type == TCPT_EVENT_LOST) {
		p = put_number(put_text(p, "{\"cpu\":"), event->cpu);
		p = escape_json(put_text(p, ",\"type\":\"lost\",\"where\":"),
				event_where_name(event));
		p = put_json_number(p, "count", event->count);
		return put_text(put_json_number(p, "total", event->total), "}\n");
	}
	p = put_number(put_text(p, "{\"ts\":"), event->ts);
	p = put_json_number(p, "cpu", event->cpu);
	p = put_json_number(p, "seq", event->seq);
	if (event->id)
		p = put_json_number(p, "id", event->id);
	p = escape_json(put_key(p, "type"), tcpt_event_type_name(event->type));
	if (role)
		p = escape_json(put_key(p, "role"), role);
	p = put_json_task(p, event);
	p = put_json_ends(p, event);
	if (event->cookie)
		p = put_json_number(p, "cookie", event->cookie);
	p = put_json_details(p, event);
	if (event->late)
		p = put_text(put_key(p, "late"), "true");
	return put_text(p, "}\n");
}

TCPT_API char *tcpt_message_json(const char *program, const char *text)
{
	char *line = malloc(6 * (strlen(program) + strlen(text)) + 64), *p;

	if (!line)
		return NULL;
	p = escape_json(put_text(line, "{\"type\":\"message\",\"program\":"), program);
	p = escape_json(put_key(p, "text"), text);
	*put_text(p, "}\n") = '\0';
	return line;
}
