// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as columns separated by tabs; their order is that of tcpt-watch(8). */
#include "base/escape.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "read/format.h"
#include "read/who-value.h"

/* Writes a column; it is "-" if the value is not known. */
static char *put_column(char *p, bool known, uint64_t number)
{
	*p++ = '\t';
	if (known)
		return put_number(p, number);
	*p++ = '-';
	return p;
}

static char *put_text_column(char *p, const char *text)
{
	*p++ = '\t';
	return escape_column(p, text && *text ? text : "-");
}

static char *put_tsv_end(char *p, const struct tcpt_event *event, const uint8_t *address,
			 uint16_t port)
{
	if (!event->family)
		return put_text(p, "\t-\t-");
	*p++ = '\t';
	p = put_address(p, event->family, address);
	return put_column(p, port, port);
}

static char *put_tsv_task(char *p, const struct tcpt_event *event)
{
	bool known = event->pid;

	p = put_column(p, known, event->pid);
	p = put_column(p, known, event->tid);
	p = put_column(p, known, event->uid);
	return put_text_column(p, known ? event->comm : NULL);
}

/* Writes the columns that are newer than the first version. */
static char *put_tsv_more(char *p, const struct tcpt_event *event)
{
	p = put_column(p, event->cgroup, event->cgroup);
	p = put_column(p, event->cookie, event->cookie);
	p = put_column(p, event->has_bytes_sent, event->bytes_sent);
	p = put_column(p, event->has_bytes_received, event->bytes_received);
	p = put_column(p, event->has_srtt, event->srtt_us);
	p = put_column(p, event->has_retransmits, event->retransmits);
	p = put_text_column(p, tcpt_reason_name(event->reason));
	*p++ = '\t';
	if (event->error)
		p = put_errno(p, event->error);
	else
		*p++ = '-';
	p = put_column(p, event->type == TCPT_EVENT_FDINSTALL, event->fd);
	p = put_column(p, event->has_wait, event->wait_ns);
	return put_text(p, "\t-\t-");
}

static char *put_time(char *p, const struct tcpt_event *event, const char *when)
{
	return when ? escape_column(p, *when ? when : "-") : put_number(p, event->ts);
}

static char *put_tsv_gap(char *p, const struct tcpt_event *event, const char *when)
{
	p = put_time(p, event, when);
	p = put_column(p, true, event->cpu);
	p = put_text(p, "\t-\t-");
	p = put_text_column(p, tcpt_event_type_name(event->type));
	p = put_text(p, "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-");
	p = put_column(p, true, event->count);
	p = put_text(p, "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-");
	p = put_text_column(p, event->type == TCPT_EVENT_LOST ? event_where_name(event) : NULL);
	return put_text(who_value_put_columns(put_column(p, true, event->total), event->who), "\n");
}

char *format_tsv(char *p, const struct tcpt_event *event, const char *when)
{
	if (event_is_gap(event))
		return put_tsv_gap(p, event, when);
	p = put_time(p, event, when);
	p = put_column(p, true, event->cpu);
	p = put_column(p, true, event->seq);
	p = put_column(p, event->id, event->id);
	p = put_text_column(p, tcpt_event_type_name(event->type));
	p = put_text_column(p, event_role_name(event->role));
	p = put_tsv_task(p, event);
	p = put_column(p, event->family, event->family);
	p = put_tsv_end(p, event, event->saddr, event->sport);
	p = put_tsv_end(p, event, event->daddr, event->dport);
	p = put_column(p, event->netns, event->netns);
	p = put_column(p, event->has_duration, event->duration_ns);
	p = put_column(p, event->opener_pid, event->opener_pid);
	p = put_column(p, true, event->late);
	p = put_text(p, "\t-");
	return put_text(who_value_put_columns(put_tsv_more(p, event), event->who), "\n");
}
