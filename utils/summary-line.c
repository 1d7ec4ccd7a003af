// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "summary-line.h"

#include <stdio.h>
#include <string.h>

/* Sets to to a value as tcpt_value_format() writes it, or to "-". */
static void set(char *to, size_t size, const struct tcpt_event *event, const char *name)
{
	char buf[128];
	size_t n = tcpt_value_format(event, tcpt_value_find(name), buf);

	snprintf(to, size, "%.*s", n ? (int)n : 1, n ? buf : "-");
}

/* Sets the end that stays the same from run to run: a client's port is any. */
static void set_server(struct summary_line *line, const struct tcpt_event *event)
{
	set(line->address, sizeof(line->address), event, "daddr");
	line->port = event->role == TCPT_ROLE_SERVER ? event->sport : event->dport;
}

void summary_line_set(struct summary_line *line, const struct tcpt_event *event)
{
	const char *exe = event->who ? event->who->exe : NULL;

	memset(line, 0, sizeof(*line));
	if (exe)
		snprintf(line->exe, sizeof(line->exe), "%s", exe);
	else
		snprintf(line->exe, sizeof(line->exe), "[%s]", event->pid ? event->comm : "");
	set(line->role, sizeof(line->role), event, "role");
	set_server(line, event);
	snprintf(line->outcome, sizeof(line->outcome), "open");
}

static const char *outcome_of(enum tcpt_reason reason)
{
	switch (reason) {
	case TCPT_REASON_RESET:
	case TCPT_REASON_TIMEOUT:
		return tcpt_reason_name(reason);
	default:
		return "ok"; /* which end was first may be another one at the next run */
	}
}

void summary_line_end(struct summary_line *line, const struct tcpt_event *event)
{
	line->sent = event->bytes_sent;
	line->received = event->bytes_received;
	if (event->type == TCPT_EVENT_FAIL)
		set(line->outcome, sizeof(line->outcome), event, "errno");
	else
		snprintf(line->outcome, sizeof(line->outcome), "%s", outcome_of(event->reason));
}

/* The library escapes it as it does for tcpt-watch. */
void summary_line_write_exe(const struct summary_line *line, bool is_json,
			    char exe[SUMMARY_EXE_MAX])
{
	const struct tcpt_who who = { .exe = line->exe };
	const struct tcpt_event event = { .type = TCPT_EVENT_CLOSE, .who = &who };
	int value = tcpt_value_find("exe");
	size_t n = is_json ? tcpt_value_json(&event, value, exe) :
			     tcpt_value_format(&event, value, exe);

	exe[n] = '\0';
	if (!n)
		strcpy(exe, is_json ? "\"exe\":\"\"" : "-");
}

int summary_line_compare(const struct summary_line *a, const struct summary_line *b)
{
	int order = strcmp(a->exe, b->exe);

	if (!order)
		order = strcmp(a->role, b->role);
	if (!order)
		order = strcmp(a->address, b->address);
	if (!order)
		order = a->port < b->port ? -1 : a->port > b->port;
	return order ? order : strcmp(a->outcome, b->outcome);
}

void summary_line_key(const struct summary_line *line, char key[SUMMARY_KEY_MAX])
{
	char exe[SUMMARY_EXE_MAX];

	summary_line_write_exe(line, false, exe);
	snprintf(key, SUMMARY_KEY_MAX, "%s\t%s\t%s\t%u\t%s", exe, line->role, line->address,
		 line->port, line->outcome);
}
