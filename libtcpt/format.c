// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as lines. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* Every put_*() returns where to go on. A line is bounded by TCPT_LINE_MAX by what it holds. */

static char *put_text(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

static char *put_number(char *p, uint64_t number)
{
	char digits[20];
	unsigned int n = 0;

	do
		digits[n++] = '0' + number % 10;
	while (number /= 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

static char *put_padded(char *p, const char *start, unsigned int width)
{
	while (p < start + width)
		*p++ = ' ';
	*p++ = ' ';
	return p;
}

static char *put_address(char *p, int family, const uint8_t *address)
{
	if (family == 6) {
		inet_ntop(AF_INET6, address, p, INET6_ADDRSTRLEN);
		return p + strlen(p);
	}
	for (int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, address[i]);
	}
	return p;
}

static const char *role_name(enum tcpt_role role)
{
	static const char *const names[] = {
		[TCPT_ROLE_CLIENT] = "client",
		[TCPT_ROLE_SERVER] = "server",
	};

	return (size_t)role < ARRAY_SIZE(names) ? names[role] : NULL;
}

/* ---- json ---- */

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
	return escape_json(put_key(p, "comm"), event->comm);
}

static char *put_json_ends(char *p, const struct tcpt_event *event)
{
	p = put_json_number(p, "family", event->family);
	p = put_json_address(p, "saddr", event->family, event->saddr);
	p = put_json_number(p, "sport", event->sport);
	p = put_json_address(p, "daddr", event->family, event->daddr);
	p = put_json_number(p, "dport", event->dport);
	return event->netns ? put_json_number(p, "netns", event->netns) : p;
}

static char *put_json_close(char *p, const struct tcpt_event *event)
{
	if (event->has_duration)
		p = put_json_number(p, "duration_ns", event->duration_ns);
	return event->opener_pid ? put_json_number(p, "opener_pid", event->opener_pid) : p;
}

static char *put_json(char *p, const struct tcpt_event *event)
{
	const char *role = role_name(event->role);

	if (event->type == TCPT_EVENT_LOST) {
		p = put_number(put_text(p, "{\"cpu\":"), event->cpu);
		p = put_text(p, ",\"type\":\"lost\"");
		return put_text(put_json_number(p, "count", event->count), "}\n");
	}
	p = put_number(put_text(p, "{\"ts\":"), event->ts);
	p = put_json_number(p, "cpu", event->cpu);
	p = put_json_number(p, "seq", event->seq);
	p = put_json_number(p, "id", event->id);
	p = escape_json(put_key(p, "type"), tcpt_event_type_name(event->type));
	if (role)
		p = escape_json(put_key(p, "role"), role);
	p = put_json_task(p, event);
	p = put_json_ends(p, event);
	p = put_json_close(p, event);
	if (event->late)
		p = put_text(put_key(p, "late"), "true");
	return put_text(p, "}\n");
}

/* ---- tsv ---- */

/* A column whose value is not known is "-". */
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

static char *put_tsv_ends(char *p, const struct tcpt_event *event)
{
	p = put_column(p, true, event->family);
	*p++ = '\t';
	p = put_address(p, event->family, event->saddr);
	p = put_column(p, true, event->sport);
	*p++ = '\t';
	p = put_address(p, event->family, event->daddr);
	return put_column(p, true, event->dport);
}

static char *put_tsv_lost(char *p, const struct tcpt_event *event)
{
	p = put_text(p, "-");
	p = put_column(p, true, event->cpu);
	p = put_text(p, "\t-\t-\tlost\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-");
	return put_text(put_column(p, true, event->count), "\n");
}

static char *put_tsv(char *p, const struct tcpt_event *event)
{
	bool known = event->pid;

	if (event->type == TCPT_EVENT_LOST)
		return put_tsv_lost(p, event);
	p = put_number(p, event->ts);
	p = put_column(p, true, event->cpu);
	p = put_column(p, true, event->seq);
	p = put_column(p, true, event->id);
	p = put_text_column(p, tcpt_event_type_name(event->type));
	p = put_text_column(p, role_name(event->role));
	p = put_column(p, known, event->pid);
	p = put_column(p, known, event->tid);
	p = put_column(p, known, event->uid);
	p = put_text_column(p, known ? event->comm : NULL);
	p = put_tsv_ends(p, event);
	p = put_column(p, event->netns, event->netns);
	p = put_column(p, event->has_duration, event->duration_ns);
	p = put_column(p, event->opener_pid, event->opener_pid);
	p = put_column(p, true, event->late);
	return put_text(p, "\t-\n");
}

/* ---- text ---- */

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

static char *put_seconds(char *p, uint64_t ns)
{
	return p + sprintf(p, "%llu.%06llu", (unsigned long long)ns / 1000000000,
			   (unsigned long long)ns / 1000 % 1000000);
}

static char *put_duration(char *p, uint64_t ns)
{
	if (ns < 1000000)
		return p + sprintf(p, "%.0f us", ns / 1e3);
	if (ns < 1000000000)
		return p + sprintf(p, "%.1f ms", ns / 1e6);
	return p + sprintf(p, "%.1f s", ns / 1e9);
}

static char *put_notes(char *p, const struct tcpt_event *event)
{
	if (event->has_duration)
		p = put_duration(p, event->duration_ns);
	if (event->type == TCPT_EVENT_CLOSE && event->opener_pid && event->opener_pid != event->pid)
		p = put_number(put_text(p, " opener "), event->opener_pid);
	return event->late ? put_text(p, " late") : p;
}

static char *put_text_lost(char *p, const struct tcpt_event *event)
{
	p = put_number(put_text(p, "-- "), event->count);
	p = put_number(put_text(p, " events lost on cpu "), event->cpu);
	return put_text(p, " --\n");
}

static char *put_columns(char *p, const struct tcpt_event *event)
{
	char *start = p;

	if (event->type == TCPT_EVENT_LOST)
		return put_text_lost(p, event);
	p = put_padded(put_seconds(p, event->ts), start, 16);
	start = p;
	p = put_padded(put_text(p, tcpt_event_type_name(event->type)), start, 7);
	start = p;
	p = event->pid ? put_number(p, event->pid) : put_text(p, "-");
	p = put_padded(p, start, 7);
	start = p;
	p = put_padded(escape_column(p, event->pid ? event->comm : "-"), start, 15);
	p = put_end(p, event->family, event->saddr, event->sport);
	p = put_end(p, event->family, event->daddr, event->dport);
	start = p;
	p = put_padded(put_number(p, event->netns), start, 10);
	p = put_notes(p, event);
	while (p[-1] == ' ')
		p--;
	return put_text(p, "\n");
}

/* ---- tcptracer ---- */

static char *put_bare_end(char *p, int family, const uint8_t *address, uint16_t port)
{
	*p++ = ' ';
	p = put_address(p, family, address);
	*p++ = ':';
	return put_number(p, port);
}

/* TIMESTAMP cpu#N TYPE PID COMM SADDR:SPORT DADDR:DPORT NETNS */
static char *put_tcptracer(char *p, const struct tcpt_event *event)
{
	if (event->type == TCPT_EVENT_LOST)
		return p;
	p = put_number(p, event->ts);
	p = put_number(put_text(p, " cpu#"), event->cpu);
	*p++ = ' ';
	p = put_text(p, tcpt_event_type_name(event->type));
	*p++ = ' ';
	p = put_number(p, event->pid);
	*p++ = ' ';
	p = escape_column(p, event->comm);
	p = put_bare_end(p, event->family, event->saddr, event->sport);
	p = put_bare_end(p, event->family, event->daddr, event->dport);
	*p++ = ' ';
	return put_text(put_number(p, event->netns), "\n");
}

TCPT_API size_t tcpt_event_format(const struct tcpt_event *event, enum tcpt_format format, char *buf)
{
	switch (format) {
	case TCPT_FORMAT_TEXT:
		return put_columns(buf, event) - buf;
	case TCPT_FORMAT_JSON:
		return put_json(buf, event) - buf;
	case TCPT_FORMAT_TSV:
		return put_tsv(buf, event) - buf;
	case TCPT_FORMAT_TCPTRACER:
		return put_tcptracer(buf, event) - buf;
	}
	return 0;
}

TCPT_API size_t tcpt_event_heading(enum tcpt_format format, char *buf)
{
	static const char text_heading[] =
		"TIME             TYPE    PID     COMM            LOCAL                  "
		"REMOTE                 NETNS      NOTE\n";

	return format == TCPT_FORMAT_TEXT ? put_text(buf, text_heading) - buf : 0;
}
