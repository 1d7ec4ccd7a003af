// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Single values of events, by name, as words for people. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "read/who-value.h"

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

static char *put_who(char *p, const struct tcpt_event *event, enum who_key key)
{
	return who_value_put_word(p, event->who, key, TCPT_VALUE_MAX - 1);
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
VALUE(user, put_who(p, e, WHO_USER))
VALUE(euid, put_who(p, e, WHO_EUID))
VALUE(euser, put_who(p, e, WHO_EUSER))
VALUE(cgroup_path, put_who(p, e, WHO_CGROUP_PATH))
VALUE(service, put_who(p, e, WHO_SERVICE))
VALUE(slice, put_who(p, e, WHO_SLICE))
VALUE(container, put_who(p, e, WHO_CONTAINER))
VALUE(runtime, put_who(p, e, WHO_RUNTIME))
VALUE(exe, put_who(p, e, WHO_EXE))
VALUE(ppid, put_who(p, e, WHO_PPID))
VALUE(process, put_who(p, e, WHO_PROCESS))
VALUE(started, put_who(p, e, WHO_STARTED))
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

#define IN_WHO(name, key, bit)                         \
	{                                              \
#name, put_##name, false, (bit), (key) \
	}

static const struct {
	const char *name;
	put_value *put;
	bool is_number; /* and so is it in JSON */
	unsigned int resolve; /* bits of enum tcpt_resolve; 0: it needs none, and is not in who */
	enum who_key key; /* in who */
} values[] = {
	{ "type", put_type, false, 0, 0 },
	{ "role", put_role, false, 0, 0 },
	{ "pid", put_pid, true, 0, 0 },
	{ "tid", put_tid, true, 0, 0 },
	{ "uid", put_uid, true, 0, 0 },
	{ "comm", put_comm, false, 0, 0 },
	{ "local", put_local, false, 0, 0 },
	{ "remote", put_remote, false, 0, 0 },
	{ "saddr", put_saddr, false, 0, 0 },
	{ "sport", put_sport, true, 0, 0 },
	{ "daddr", put_daddr, false, 0, 0 },
	{ "dport", put_dport, true, 0, 0 },
	{ "family", put_family, true, 0, 0 },
	{ "netns", put_netns, true, 0, 0 },
	{ "cgroup", put_cgroup, true, 0, 0 },
	{ "cookie", put_cookie, true, 0, 0 },
	{ "cpu", put_cpu, true, 0, 0 },
	{ "seq", put_seq, true, 0, 0 },
	{ "id", put_id, true, 0, 0 },
	{ "duration", put_duration, false, 0, 0 },
	{ "sent", put_sent, false, 0, 0 },
	{ "received", put_received, false, 0, 0 },
	{ "rtt", put_rtt, false, 0, 0 },
	{ "retransmits", put_retransmits, true, 0, 0 },
	{ "reason", put_reason, false, 0, 0 },
	{ "errno", put_errno_name, false, 0, 0 },
	{ "opener", put_opener, true, 0, 0 },
	{ "fd", put_fd, true, 0, 0 },
	{ "late", put_late, false, 0, 0 },
	{ "wait", put_wait, false, 0, 0 },
	{ "netns_cookie", put_netns_cookie, true, 0, 0 },
	IN_WHO(user, WHO_USER, TCPT_RESOLVE_USER),
	IN_WHO(euid, WHO_EUID, TCPT_RESOLVE_USER),
	IN_WHO(euser, WHO_EUSER, TCPT_RESOLVE_USER),
	IN_WHO(cgroup_path, WHO_CGROUP_PATH, TCPT_RESOLVE_CGROUP),
	IN_WHO(service, WHO_SERVICE, TCPT_RESOLVE_SERVICE),
	IN_WHO(slice, WHO_SLICE, TCPT_RESOLVE_SERVICE),
	IN_WHO(container, WHO_CONTAINER, TCPT_RESOLVE_CONTAINER),
	IN_WHO(runtime, WHO_RUNTIME, TCPT_RESOLVE_CONTAINER),
	IN_WHO(exe, WHO_EXE, TCPT_RESOLVE_EXE),
	IN_WHO(ppid, WHO_PPID, TCPT_RESOLVE_PPID),
	IN_WHO(process, WHO_PROCESS, TCPT_RESOLVE_PROCESS),
	IN_WHO(started, WHO_STARTED, TCPT_RESOLVE_STARTED),
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

TCPT_API unsigned int tcpt_value_resolve(unsigned int value)
{
	return value < ARRAY_SIZE(values) ? values[value].resolve : 0;
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
	if (values[value].resolve) {
		who_value_put_member(&json, whole.who, values[value].key, TCPT_VALUE_MAX - 1);
		return json.p - buf;
	}
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
