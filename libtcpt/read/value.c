// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Single values of events, by name, as words for people. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"

/* ---- figures ---- */

static char *put_known(char *p, bool known, uint64_t number)
{
	return known ? put_number(p, number) : p;
}

static char *put_name(char *p, const char *name)
{
	return name ? put_text(p, name) : p;
}

/*
 * Writes a number of bytes: up to four digits and a unit, which is a power of 1024. The
 * decimal sign is a point in every locale.
 */
static char *put_bytes(char *p, bool known, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double value = bytes;
	unsigned int tenths;
	int unit = -1;

	if (!known || bytes < 1000)
		return put_known(p, known, bytes);
	while (value >= 999.5) {
		value /= 1024;
		unit++;
	}
	tenths = value * 10 + 0.5;
	if (tenths >= 100)
		return p + sprintf(p, "%.0f%c", value, units[unit]);
	return p + sprintf(p, "%u.%u%c", tenths / 10, tenths % 10, units[unit]);
}

static char *put_two(char *p, uint64_t large, const char *unit, uint64_t small, const char *sub)
{
	return p + sprintf(p, "%" PRIu64 "%s%" PRIu64 "%s", large, unit, small, sub);
}

static char *put_long_duration(char *p, uint64_t seconds)
{
	if (seconds < 3600)
		return put_two(p, seconds / 60, "m", seconds % 60, "s");
	if (seconds < 86400)
		return put_two(p, seconds / 3600, "h", seconds / 60 % 60, "m");
	return put_two(p, seconds / 86400, "d", seconds / 3600 % 24, "h");
}

static char *put_time(char *p, bool known, uint64_t ns)
{
	uint64_t tenths = ns < 999950000 ? (ns + 50000) / 100000 : (ns + 50000000) / 100000000;

	if (!known)
		return p;
	if (ns < 999500)
		return p + sprintf(p, "%" PRIu64 "us", (ns + 500) / 1000);
	if (ns >= 100000000000)
		return put_long_duration(p, ns / 1000000000);
	return p + sprintf(p, "%" PRIu64 ".%" PRIu64 "%s", tenths / 10, tenths % 10,
			   ns < 999950000 ? "ms" : "s");
}

/* ---- the values ---- */

typedef char *put_value(char *p, const struct tcpt_event *event);

#define VALUE(name, expression)                                      \
	static char *put_##name(char *p, const struct tcpt_event *e) \
	{                                                            \
		return expression;                                   \
	}
#define NUMBER(name, known, number) VALUE(name, put_known(p, known, number))

/* clang-format off */
VALUE(type, put_name(p, tcpt_event_type_name(e->type)))
VALUE(role, put_name(p, event_role_name(e->role)))
VALUE(comm, e->pid ? escape_word(p, e->comm) : p)
NUMBER(pid, e->pid, e->pid)
NUMBER(tid, e->pid, e->tid)
NUMBER(uid, e->pid, e->uid)
NUMBER(cgroup, e->cgroup, e->cgroup)
NUMBER(netns, e->netns, e->netns)
NUMBER(family, e->family, e->family)
VALUE(saddr, e->family ? put_address(p, e->family, e->saddr) : p)
VALUE(daddr, e->family ? put_address(p, e->family, e->daddr) : p)
NUMBER(sport, e->family && e->sport, e->sport)
NUMBER(dport, e->family && e->dport, e->dport)
NUMBER(cookie, e->cookie, e->cookie)
NUMBER(id, e->id, e->id)
NUMBER(cpu, true, e->cpu)
NUMBER(seq, e->seq, e->seq)
NUMBER(opener, e->opener_pid, e->opener_pid)
NUMBER(retransmits, e->has_retransmits, e->retransmits)
VALUE(duration, put_time(p, e->has_duration, e->duration_ns))
VALUE(rtt, put_time(p, e->has_srtt && e->srtt_us, e->srtt_us * 1000ULL))
VALUE(sent, put_bytes(p, e->has_bytes_sent, e->bytes_sent))
VALUE(received, put_bytes(p, e->has_bytes_received, e->bytes_received))
VALUE(reason, put_name(p, tcpt_reason_name(e->reason)))
VALUE(errno_name, e->error ? put_errno(p, e->error) : p)
NUMBER(fd, e->type == TCPT_EVENT_FDINSTALL, e->fd)
VALUE(late, e->late ? put_text(p, "late") : p)
/* clang-format on */

static char *put_end(char *p, int family, const uint8_t *address, uint16_t port)
{
	if (!family)
		return p;
	p = put_address(put_text(p, family == 6 ? "[" : ""), family, address);
	return put_number(put_text(p, family == 6 ? "]:" : ":"), port);
}

VALUE(local, put_end(p, e->family, e->saddr, e->sport))
VALUE(remote, put_end(p, e->family, e->daddr, e->dport))

static const struct {
	const char *name;
	put_value *put;
} values[] = {
	{ "type", put_type },	  { "role", put_role },
	{ "pid", put_pid },	  { "tid", put_tid },
	{ "uid", put_uid },	  { "comm", put_comm },
	{ "local", put_local },	  { "remote", put_remote },
	{ "saddr", put_saddr },	  { "sport", put_sport },
	{ "daddr", put_daddr },	  { "dport", put_dport },
	{ "family", put_family }, { "netns", put_netns },
	{ "cgroup", put_cgroup }, { "cookie", put_cookie },
	{ "cpu", put_cpu },	  { "seq", put_seq },
	{ "id", put_id },	  { "duration", put_duration },
	{ "sent", put_sent },	  { "received", put_received },
	{ "rtt", put_rtt },	  { "retransmits", put_retransmits },
	{ "reason", put_reason }, { "errno", put_errno_name },
	{ "opener", put_opener }, { "fd", put_fd },
	{ "late", put_late },
};

TCPT_API const char *tcpt_value_name(unsigned int value)
{
	return value < ARRAY_SIZE(values) ? values[value].name : NULL;
}

TCPT_API int tcpt_value_find(const char *name)
{
	for (unsigned int i = 0; name && i < ARRAY_SIZE(values); i++)
		if (!strcmp(values[i].name, name))
			return i;
	return -ENOENT;
}

TCPT_API size_t tcpt_value_format(const struct tcpt_event *event, unsigned int value, char *buf)
{
	struct tcpt_event whole;

	if (!event || !buf || value >= ARRAY_SIZE(values) || event->type == TCPT_EVENT_LOST)
		return 0;
	whole = *event;
	whole.comm[sizeof(whole.comm) - 1] = '\0';
	return values[value].put(buf, &whole) - buf;
}
