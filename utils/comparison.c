// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "comparison.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deeds.h"

/* ---- one event ---- */

static bool is_about(const struct tcpt_event *event, const struct deed *deed)
{
	size_t size = deed->family == 6 ? 16 : 4;

	if (event->type != deed->type)
		return false;
	if (deed->type == TCPT_EVENT_FDINSTALL)
		return event->fd == deed->fd;
	return event->family == deed->family && event->sport == deed->sport &&
	       event->dport == deed->dport && !memcmp(event->saddr, deed->saddr, size) &&
	       !memcmp(event->daddr, deed->daddr, size);
}

static struct deed *find_deed(struct deeds *deeds, const struct tcpt_event *event, bool is_seen)
{
	for (unsigned int i = 0; i < deeds->n; i++)
		if (deeds->of[i].is_seen == is_seen && is_about(event, &deeds->of[i]))
			return &deeds->of[i];
	return NULL;
}

/* Returns whether a task is known, and is another one than the worker. */
static bool has_wrong_task(const struct comparison *c, const struct tcpt_event *event)
{
	if (event->type == TCPT_EVENT_ACCEPT && !c->knows_acceptor)
		return false;
	return (c->knows_pid && event->pid != (uint32_t)c->deeds->worker) ||
	       strcmp(event->comm, "tcpt-check");
}

static bool has_wrong_bytes(const struct tcpt_event *event, const struct deed *deed)
{
	return deed->has_bytes &&
	       ((event->has_bytes_sent && event->bytes_sent != deed->sent) ||
		(event->has_bytes_received && event->bytes_received != deed->received));
}

/* Returns what is wrong with the event of a deed; NULL: nothing. */
static const char *find_fault(const struct comparison *c, const struct tcpt_event *event,
			      const struct deed *deed)
{
	if (has_wrong_task(c, event))
		return "the process";
	if (event->netns && c->deeds->netns && event->netns != c->deeds->netns)
		return "the network namespace";
	if (deed->type == TCPT_EVENT_FDINSTALL)
		return NULL;
	if (event->role != deed->role)
		return "the role";
	if (deed->type == TCPT_EVENT_FAIL && event->error && event->error != deed->error)
		return "the error";
	if (deed->type == TCPT_EVENT_CLOSE && event->reason != deed->reason)
		return "the reason";
	return has_wrong_bytes(event, deed) ? "the bytes" : NULL;
}

/* Others may have connections beside these. */
static bool is_ours(const struct comparison *c, const struct tcpt_event *event)
{
	if (event->type == TCPT_EVENT_FDINSTALL)
		return !c->knows_pid || event->pid == (uint32_t)c->deeds->worker;
	if (c->deeds->is_private && c->deeds->netns && event->netns)
		return event->netns == c->deeds->netns;
	return find_deed(c->deeds, event, false) || find_deed(c->deeds, event, true);
}

static void put_event(struct text *text, const struct tcpt_event *event)
{
	char line[TCPT_LINE_MAX];
	size_t n = tcpt_event_format(event, TCPT_FORMAT_JSON, line);

	text_add(text, "%.*s", (int)n, line);
}

void comparison_add(struct comparison *c, const struct tcpt_event *event)
{
	struct deed *deed = find_deed(c->deeds, event, false);
	const char *fault;

	if (event->type == TCPT_EVENT_LOST) {
		text_add(&c->wrong, "lost: %" PRIu64 " events or connections, at %s\n",
			 event->count, tcpt_where_name(event->where));
		return;
	}
	if (!is_ours(c, event))
		return;
	if (!deed) {
		text_add(&c->wrong, "not due: ");
		put_event(&c->wrong, event);
		return;
	}
	deed->is_seen = true;
	fault = find_fault(c, event, deed);
	if (!fault) {
		c->exact++;
		return;
	}
	text_add(&c->wrong, "wrong is %s: ", fault);
	put_event(&c->wrong, event);
}

/* ---- all of them ---- */

static bool is_due(const struct comparison *c, const struct deed *deed)
{
	return deed->type != TCPT_EVENT_FDINSTALL || c->knows_fds;
}

unsigned int comparison_missing(const struct comparison *c)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->deeds->n; i++)
		n += is_due(c, &c->deeds->of[i]) && !c->deeds->of[i].is_seen;
	return n;
}

void comparison_end(struct comparison *c)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	for (unsigned int i = 0; i < c->deeds->n; i++) {
		const struct deed *deed = &c->deeds->of[i];
		int family = deed->family == 6 ? AF_INET6 : AF_INET;

		c->due += is_due(c, deed);
		if (!is_due(c, deed) || deed->is_seen)
			continue;
		text_add(&c->wrong, "missing: %s ", tcpt_event_type_name(deed->type));
		if (deed->type == TCPT_EVENT_FDINSTALL)
			text_add(&c->wrong, "of descriptor %d\n", deed->fd);
		else
			text_add(&c->wrong, "%s port %u, %s port %u\n",
				 inet_ntop(family, deed->saddr, from, sizeof(from)), deed->sport,
				 inet_ntop(family, deed->daddr, to, sizeof(to)), deed->dport);
	}
}
