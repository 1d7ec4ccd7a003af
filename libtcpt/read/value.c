// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Single values of events, by name, as words for people. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"

/* ---- figures ---- */

static char *put_known(char *p, bool known, uint64_t number)
{
	return known ? put_number(p, number) : p;
}

static char *put_known_bytes(char *p, bool known, uint64_t bytes)
{
	return known ? put_size(p, bytes) : p;
}

static char *put_name(char *p, const char *name)
{
	return name ? put_text(p, name) : p;
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
NUMBER(netns_cookie, e->netns_cookie, e->netns_cookie)
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
VALUE(wait, put_time(p, e->has_wait, e->wait_ns))
VALUE(rtt, put_time(p, e->has_srtt && e->srtt_us, e->srtt_us * 1000ULL))
VALUE(sent, put_known_bytes(p, e->has_bytes_sent, e->bytes_sent))
VALUE(received, put_known_bytes(p, e->has_bytes_received, e->bytes_received))
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
	bool is_number; /* and so is it in JSON */
} values[] = {
	{ "type", put_type, false },
	{ "role", put_role, false },
	{ "pid", put_pid, true },
	{ "tid", put_tid, true },
	{ "uid", put_uid, true },
	{ "comm", put_comm, false },
	{ "local", put_local, false },
	{ "remote", put_remote, false },
	{ "saddr", put_saddr, false },
	{ "sport", put_sport, true },
	{ "daddr", put_daddr, false },
	{ "dport", put_dport, true },
	{ "family", put_family, true },
	{ "netns", put_netns, true },
	{ "cgroup", put_cgroup, true },
	{ "cookie", put_cookie, true },
	{ "cpu", put_cpu, true },
	{ "seq", put_seq, true },
	{ "id", put_id, true },
	{ "duration", put_duration, false },
	{ "sent", put_sent, false },
	{ "received", put_received, false },
	{ "rtt", put_rtt, false },
	{ "retransmits", put_retransmits, true },
	{ "reason", put_reason, false },
	{ "errno", put_errno_name, false },
	{ "opener", put_opener, true },
	{ "fd", put_fd, true },
	{ "late", put_late, false },
	{ "wait", put_wait, false },
	{ "netns_cookie", put_netns_cookie, true },
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

/* Makes a copy of the event whose name has an end. Returns false if there is no value. */
static bool begin(struct tcpt_event *whole, const struct tcpt_event *event, unsigned int value,
		  const char *buf)
{
	if (!event || !buf || value >= ARRAY_SIZE(values) || event_is_gap(event))
		return false;
	*whole = *event;
	whole->comm[sizeof(whole->comm) - 1] = '\0';
	return true;
}

TCPT_API size_t tcpt_value_format(const struct tcpt_event *event, unsigned int value, char *buf)
{
	struct tcpt_event whole;

	return begin(&whole, event, value, buf) ? values[value].put(buf, &whole) - buf : 0;
}

TCPT_API size_t tcpt_value_json(const struct tcpt_event *event, unsigned int value, char *buf)
{
	struct json json = { .p = buf };
	struct tcpt_event whole;
	char word[128];

	if (!begin(&whole, event, value, buf))
		return 0;
	*values[value].put(word, &whole) = '\0';
	if (!*word)
		return 0;
	if (values[value].is_number)
		json_literal(&json, values[value].name, word);
	else if (values[value].put == put_comm) /* escaped as JSON wants it */
		json_string(&json, values[value].name, whole.comm);
	else if (values[value].put == put_late)
		json_bool(&json, values[value].name, true);
	else
		json_string(&json, values[value].name, word);
	return json.p - buf;
}
