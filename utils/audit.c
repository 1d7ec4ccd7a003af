// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "audit.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json-line.h"
#include "tcpt.h"

/* A counter and its event are not of one moment. */
#define NEAR_NS 200000
/* Events that are older have been printed and read. */
#define SETTLED_NS 500000000

/* ---- an object ---- */

struct object {
	const char *type, *ts, *cpu, *seq, *netns, *latency_us, *queue_us, *duration_us, *error,
		*count, *late;
};

static const struct {
	const char *key;
	size_t at;
} members[] = {
	{ "type", offsetof(struct object, type) },
	{ "ts", offsetof(struct object, ts) },
	{ "cpu", offsetof(struct object, cpu) },
	{ "seq", offsetof(struct object, seq) },
	{ "netns", offsetof(struct object, netns) },
	{ "latency_us", offsetof(struct object, latency_us) },
	{ "queue_us", offsetof(struct object, queue_us) },
	{ "duration_us", offsetof(struct object, duration_us) },
	{ "errno", offsetof(struct object, error) },
	{ "count", offsetof(struct object, count) },
	{ "late", offsetof(struct object, late) },
};

static void take_member(void *arg, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!strcmp(members[i].key, key))
			*(const char **)((char *)arg + members[i].at) = value;
}

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

/* ---- events ---- */

/*
 * Adds an event that is about something at at_ns to the points behind it. What may have begun
 * before the trace is_older.
 */
static void count(struct audit *audit, enum audit_item item, uint64_t at_ns, bool is_older)
{
	struct audit_point *first = &audit->first;
	unsigned int n = audit->n < AUDIT_POINTS ? audit->n : AUDIT_POINTS;

	if (at_ns + NEAR_NS < first->of.before_ns)
		return;
	if (at_ns <= first->of.after_ns + NEAR_NS) {
		first->edge[item]++;
		return;
	}
	audit->events[item]++;
	audit->older[item] += is_older;
	for (unsigned int i = 0; i < n; i++) {
		struct audit_point *point = &audit->points[i];

		if (at_ns + NEAR_NS < point->of.before_ns) {
			point->events[item]++;
			point->older[item] += is_older;
		} else if (at_ns <= point->of.after_ns + NEAR_NS) {
			point->edge[item]++;
		}
	}
}

/*
 * The kernel counted it at the first SYN, or when the connection was established. How long
 * ago that was is not known of what is older than the trace, and of what was reported late.
 */
static void count_begin(struct audit *audit, enum audit_item item, const struct object *object,
			const char *waited_us)
{
	count(audit, item, number(object->ts) - 1000 * number(waited_us),
	      !waited_us && !object->late);
}

static void count_number(struct audit *audit, const struct object *object)
{
	uint64_t cpu = number(object->cpu), seq = number(object->seq);
	uint64_t *last;

	if (!object->seq || cpu >= AUDIT_CPUS)
		return;
	last = &audit->seq[cpu];
	audit->numbered++;
	if (*last && seq > *last + 1)
		audit->skipped += seq - *last - 1;
	if (seq > *last)
		*last = seq;
}

static void take_object(struct audit *audit, const struct object *object)
{
	const char *type = object->type ? object->type : "";

	if (!strcmp(type, "lost") || !strcmp(type, "overwritten")) {
		audit->lost += number(object->count);
		return;
	}
	count_number(audit, object);
	if (!audit->has_begun || !object->netns || number(object->netns) != audit->netns)
		return;
	if (!strcmp(type, "connect"))
		count_begin(audit, AUDIT_ACTIVE_OPENS, object, object->latency_us);
	if (!strcmp(type, "accept"))
		count_begin(audit, AUDIT_PASSIVE_OPENS, object, object->queue_us);
	if (!strcmp(type, "fail"))
		count_begin(audit, AUDIT_ACTIVE_OPENS, object, object->duration_us);
	if (!strcmp(type, "fail") && (!object->error || strcmp(object->error, "ECANCELED")))
		count(audit, AUDIT_ATTEMPT_FAILS, number(object->ts), false);
}

bool audit_take(struct audit *audit, char *line)
{
	struct object object = {};

	if (!json_line_read(line, take_member, &object))
		return false;
	take_object(audit, &object);
	return true;
}

/* ---- readings ---- */

int audit_look(struct audit *audit)
{
	struct audit_point point = {};
	int err = snmp_read(&point.of, audit->pid);

	if (err)
		return err;
	if (!audit->has_begun) {
		audit->first = point;
		audit->has_begun = true;
		return snmp_count_sockets(&audit->before, audit->pid);
	}
	memcpy(point.events, audit->events, sizeof(point.events));
	memcpy(point.older, audit->older, sizeof(point.older));
	audit->points[audit->n++ % AUDIT_POINTS] = point;
	return 0;
}

/* ---- the balance ---- */

static uint64_t value_of(const struct snmp *snmp, enum audit_item item)
{
	switch (item) {
	case AUDIT_ACTIVE_OPENS:
		return snmp->active_opens;
	case AUDIT_PASSIVE_OPENS:
		return snmp->passive_opens;
	default:
		return snmp->attempt_fails;
	}
}

/* Returns the newest point that is old enough; NULL: none is. */
static const struct audit_point *find_settled(const struct audit *audit, uint64_t now)
{
	unsigned int n = audit->n < AUDIT_POINTS ? audit->n : AUDIT_POINTS;
	const struct audit_point *newest = NULL;

	for (unsigned int i = 0; i < n; i++) {
		const struct audit_point *point = &audit->points[i];

		if (point->of.after_ns + SETTLED_NS <= now &&
		    (!newest || point->of.after_ns > newest->of.after_ns))
			newest = point;
	}
	return newest;
}

/* Returns the part of number that explains why more is more than less. */
static uint64_t at_most(uint64_t number, uint64_t more, uint64_t less)
{
	uint64_t difference = more > less ? more - less : 0;

	return number < difference ? number : difference;
}

static void balance(const struct audit *audit, const struct audit_point *last, enum audit_item item,
		    struct audit_balance *to)
{
	int64_t unknown;

	to->kernel = value_of(&last->of, item) - value_of(&audit->first.of, item);
	to->stream = last->events[item];
	to->edge = audit->first.edge[item] + last->edge[item];
	to->known = at_most(to->known, to->kernel, to->stream);
	to->older = at_most(last->older[item], to->stream, to->kernel);
	unknown = (int64_t)(to->kernel - to->known - (to->stream - to->older));
	to->is_balanced = unknown >= 0 ? (uint64_t)unknown <= to->edge :
					 (uint64_t)-unknown <= to->edge;
}

int audit_end(const struct audit *audit, struct audit_result *result)
{
	const struct audit_point *last = find_settled(audit, tcpt_monotonic_ns());
	int err;

	memset(result, 0, sizeof(*result));
	if (!last)
		return -EAGAIN;
	err = snmp_count_sockets(&result->after, audit->pid);
	if (err)
		return err;
	result->of[AUDIT_ACTIVE_OPENS].known = result->after.connecting;
	if (result->after.queued > audit->before.queued)
		result->of[AUDIT_PASSIVE_OPENS].known = result->after.queued - audit->before.queued;
	for (enum audit_item item = 0; item < AUDIT_ITEMS; item++)
		balance(audit, last, item, &result->of[item]);
	result->begin_ns = audit->first.of.after_ns;
	result->end_ns = last->of.before_ns;
	return 0;
}
