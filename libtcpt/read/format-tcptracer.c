// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lines of tcptracer-bpf's example program. */
#include "base/escape.h"
#include "base/put.h"
#include "internal.h"
#include "read/format.h"

static char *put_bare_end(char *p, int family, const uint8_t *address, uint16_t port)
{
	*p++ = ' ';
	p = put_address(p, family, address);
	*p++ = ':';
	return put_number(p, port);
}

/* Returns true for the types that the example program knows. */
static bool has_line(enum tcpt_event_type type)
{
	return type == TCPT_EVENT_CONNECT || type == TCPT_EVENT_ACCEPT ||
	       type == TCPT_EVENT_CLOSE || type == TCPT_EVENT_FDINSTALL;
}

/*
 * Writes TIMESTAMP cpu#N TYPE PID COMM SADDR:SPORT DADDR:DPORT NETNS, or TIMESTAMP
 * cpu#N fdinstall PID COMM FD.
 */
char *format_tcptracer(char *p, const struct tcpt_event *event)
{
	if (!has_line(event->type))
		return p;
	p = put_number(p, event->ts);
	p = put_number(put_text(p, " cpu#"), event->cpu);
	*p++ = ' ';
	p = put_text(p, tcpt_event_type_name(event->type));
	*p++ = ' ';
	p = put_number(p, event->pid);
	*p++ = ' ';
	p = escape_word(p, event->pid ? event->comm : "");
	if (event->type == TCPT_EVENT_FDINSTALL) {
		*p++ = ' ';
		return put_text(put_number(p, event->fd), "\n");
	}
	p = put_bare_end(p, event->family, event->saddr, event->sport);
	p = put_bare_end(p, event->family, event->daddr, event->dport);
	*p++ = ' ';
	return put_text(put_number(p, event->netns), "\n");
}
