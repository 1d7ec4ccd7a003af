// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events as JSON, one object a line. A key whose value is not known is left out. */
#include <netinet/in.h>
#include <time.h>

#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "read/format.h"
#include "read/time-format.h"
#include "read/who-value.h"

static inline __attribute__((always_inline)) void put_known(struct json *json, const char *key,
							    bool known, uint64_t number)
{
	if (known)
		json_number(json, key, number);
}

static inline __attribute__((always_inline)) void put_end(struct json *json, const char *key,
							  int family, const uint8_t *address)
{
	char *p = json_key(json, key);

	*p++ = '"';
	p = put_address(p, family, address);
	*p++ = '"';
	json->p = p;
}

void format_json_task(struct json *json, const struct tcpt_event *event)
{
	if (!event->pid)
		return;
	json_number(json, "pid", event->pid);
	json_number(json, "tid", event->tid);
	json_number(json, "uid", event->uid);
	json_string(json, "comm", event->comm);
	put_known(json, "cgroup", event->cgroup, event->cgroup);
}

static void put_ends(struct json *json, const struct tcpt_event *event)
{
	if (!event->family)
		return;
	json_number(json, "family", event->family);
	put_end(json, "saddr", event->family, event->saddr);
	put_known(json, "sport", event->sport, event->sport);
	put_end(json, "daddr", event->family, event->daddr);
	put_known(json, "dport", event->dport, event->dport);
	put_known(json, "netns", event->netns, event->netns);
	put_known(json, "netns_cookie", event->netns_cookie, event->netns_cookie);
}

static void put_close(struct json *json, const struct tcpt_event *event)
{
	put_known(json, "duration_ns", event->has_duration, event->duration_ns);
	put_known(json, "bytes_sent", event->has_bytes_sent, event->bytes_sent);
	put_known(json, "bytes_received", event->has_bytes_received, event->bytes_received);
	put_known(json, "srtt_us", event->has_srtt, event->srtt_us);
	put_known(json, "retransmits", event->has_retransmits, event->retransmits);
	json_word(json, "reason", tcpt_reason_name(event->reason));
	put_known(json, "opener_pid", event->opener_pid, event->opener_pid);
}

static void put_wait(struct json *json, const struct tcpt_event *event)
{
	static const char *const keys[] = {
		[TCPT_EVENT_CONNECT] = "latency_us",
		[TCPT_EVENT_FAIL] = "duration_us",
		[TCPT_EVENT_ACCEPT] = "queue_us",
	};

	if (event->has_wait && (size_t)event->type < ARRAY_SIZE(keys) && keys[event->type])
		json_number(json, keys[event->type], event->wait_ns / 1000);
}

static void put_details(struct json *json, const struct tcpt_event *event)
{
	char error[32];

	if (event->type == TCPT_EVENT_CLOSE) {
		put_close(json, event);
	} else if (event->type == TCPT_EVENT_FAIL && event->error) {
		*put_errno(error, event->error) = '\0';
		json_word(json, "errno", error);
	} else if (event->type == TCPT_EVENT_FDINSTALL) {
		json_number(json, "fd", event->fd);
	}
}

static void put_time(struct json *json, uint64_t ns)
{
	char *p = json_key(json, "time");

	*p++ = '"';
	p = time_format_rfc3339(p, ns, false);
	*p++ = '"';
	json->p = p;
}

void format_json_times(struct json *json, const struct tcpt_event *event)
{
	put_known(json, "ts", event->ts, event->ts);
	if (event->time)
		put_time(json, event->time);
}

static void put_gap(struct json *json, const struct tcpt_event *event)
{
	format_json_times(json, event);
	json_number(json, "cpu", event->cpu);
	json_word(json, "type", tcpt_event_type_name(event->type));
	if (event->type == TCPT_EVENT_LOST)
		json_word(json, "where", event_where_name(event));
	json_number(json, "count", event->count);
	json_number(json, "total", event->total);
}

static void put_event(struct json *json, const struct tcpt_event *event)
{
	format_json_times(json, event);
	json_number(json, "cpu", event->cpu);
	json_number(json, "seq", event->seq);
	put_known(json, "id", event->id, event->id);
	json_word(json, "type", tcpt_event_type_name(event->type));
	json_word(json, "role", event_role_name(event->role));
	format_json_task(json, event);
	put_ends(json, event);
	put_known(json, "cookie", event->cookie, event->cookie);
	put_details(json, event);
	put_wait(json, event);
	who_value_put_members(json, event->who);
	if (event->late)
		json_bool(json, "late", true);
}

char *format_json(char *p, const struct tcpt_event *event)
{
	struct json json;

	json_begin(&json, p, NULL);
	if (event_is_gap(event))
		put_gap(&json, event);
	else
		put_event(&json, event);
	return json_end(&json);
}

TCPT_API char *tcpt_message_json(const char *program, const char *text)
{
	char *line = malloc(6 * (strlen(program) + strlen(text)) + 128);
	struct timespec now;
	struct json json;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!line)
		return NULL;
	json_begin(&json, line, NULL);
	put_time(&json, (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	json_string(&json, "type", "message");
	json_string(&json, "program", program);
	json_string(&json, "text", text);
	*json_end(&json) = '\0';
	return line;
}
