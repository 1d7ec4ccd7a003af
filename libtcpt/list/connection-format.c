// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open connections and listeners as JSON and as tsv. Values that are not known are left out. */
#include "base/escape.h"
#include "base/json.h"
#include "base/put.h"
#include "internal.h"
#include "maps/event.h"
#include "read/format.h"
#include "read/who-value.h"

TCPT_API const char *tcpt_state_name(enum tcpt_state state)
{
	static const char *const names[] = {
		[TCPT_STATE_ESTABLISHED] = "established",
		[TCPT_STATE_SYN_SENT] = "syn-sent",
		[TCPT_STATE_SYN_RECV] = "syn-recv",
		[TCPT_STATE_FIN_WAIT1] = "fin-wait-1",
		[TCPT_STATE_FIN_WAIT2] = "fin-wait-2",
		[TCPT_STATE_TIME_WAIT] = "time-wait",
		[TCPT_STATE_CLOSE] = "close",
		[TCPT_STATE_CLOSE_WAIT] = "close-wait",
		[TCPT_STATE_LAST_ACK] = "last-ack",
		[TCPT_STATE_LISTEN] = "listen",
		[TCPT_STATE_CLOSING] = "closing",
		[TCPT_STATE_QUEUED] = "queued",
	};

	return (size_t)state < ARRAY_SIZE(names) ? names[state] : NULL;
}

static bool is_listener(const struct tcpt_connection *connection)
{
	return connection->state == TCPT_STATE_LISTEN;
}

/* ---- JSON ---- */

static void put_known(struct json *json, const char *key, bool known, uint64_t number)
{
	if (known)
		json_number(json, key, number);
}

static void put_address_of(struct json *json, const char *key, int family, const uint8_t *address)
{
	char text[64];

	*put_address(text, family, address) = '\0';
	json_word(json, key, text);
}

static void put_ends(struct json *json, const struct tcpt_connection *connection)
{
	const struct tcpt_event *event = &connection->event;

	if (!event->family)
		return;
	json_number(json, "family", event->family);
	put_address_of(json, "saddr", event->family, event->saddr);
	put_known(json, "sport", event->sport, event->sport);
	if (!is_listener(connection)) {
		put_address_of(json, "daddr", event->family, event->daddr);
		put_known(json, "dport", event->dport, event->dport);
	}
	put_known(json, "netns", event->netns, event->netns);
	put_known(json, "netns_cookie", event->netns_cookie, event->netns_cookie);
}

static void put_live(struct json *json, const struct tcpt_connection *connection)
{
	const struct tcpt_event *event = &connection->event;
	bool listens = is_listener(connection);

	put_known(json, "age_ns", event->has_duration, event->duration_ns);
	put_known(json, "bytes_sent", !listens && event->has_bytes_sent, event->bytes_sent);
	put_known(json, "bytes_received", !listens && event->has_bytes_received,
		  event->bytes_received);
	put_known(json, "srtt_us", !listens && event->has_srtt, event->srtt_us);
	put_known(json, "retransmits", !listens && event->has_retransmits, event->retransmits);
	put_known(json, listens ? "waiting" : "receive_queue", connection->has_queues,
		  connection->receive_queue);
	put_known(json, listens ? "backlog" : "send_queue", connection->has_queues,
		  connection->send_queue);
}

static char *put_json(char *p, const struct tcpt_connection *connection)
{
	const struct tcpt_event *event = &connection->event;
	struct json json;

	json_begin(&json, p, NULL);
	json_number(&json, "ts", connection->now);
	json_word(&json, "type", is_listener(connection) ? "listen" : "open");
	put_known(&json, "id", event->id, event->id);
	json_word(&json, "role", event_role_name(event->role));
	json_word(&json, "state", tcpt_state_name(connection->state));
	format_json_task(&json, event);
	put_ends(&json, connection);
	put_known(&json, "cookie", event->cookie, event->cookie);
	put_live(&json, connection);
	who_value_put_members(&json, event->who);
	return json_end(&json);
}

/* ---- tsv ---- */

static const char heading[] =
	"ts\tid\trole\tstate\tpid\ttid\tuid\tcomm\tfamily\tsaddr\tsport\tdaddr\tdport\tnetns\t"
	"cgroup\tcookie\tage_ns\tbytes_sent\tbytes_received\tsrtt_us\tretransmits\t"
	"receive_queue\tsend_queue\texe\n";

static char *put_column(char *p, bool known, uint64_t number)
{
	*p++ = '\t';
	return known ? put_number(p, number) : put_text(p, "-");
}

static char *put_text_column(char *p, const char *text)
{
	*p++ = '\t';
	return escape_column(p, text && *text ? text : "-");
}

static char *put_end(char *p, bool known, int family, const uint8_t *address, uint16_t port)
{
	*p++ = '\t';
	p = known && family ? put_address(p, family, address) : put_text(p, "-");
	return put_column(p, known && family && port, port);
}

static char *put_figures(char *p, const struct tcpt_connection *connection)
{
	const struct tcpt_event *event = &connection->event;
	bool is_open = !is_listener(connection);

	p = put_column(p, event->has_duration, event->duration_ns);
	p = put_column(p, is_open && event->has_bytes_sent, event->bytes_sent);
	p = put_column(p, is_open && event->has_bytes_received, event->bytes_received);
	p = put_column(p, is_open && event->has_srtt, event->srtt_us);
	p = put_column(p, is_open && event->has_retransmits, event->retransmits);
	p = put_column(p, connection->has_queues, connection->receive_queue);
	return put_column(p, connection->has_queues, connection->send_queue);
}

static char *put_tsv(char *p, const struct tcpt_connection *connection)
{
	const struct tcpt_event *event = &connection->event;
	bool is_open = !is_listener(connection);

	p = put_number(p, connection->now);
	p = put_column(p, event->id, event->id);
	p = put_text_column(p, event_role_name(event->role));
	p = put_text_column(p, tcpt_state_name(connection->state));
	p = put_column(p, event->pid, event->pid);
	p = put_column(p, event->pid, event->tid);
	p = put_column(p, event->pid, event->uid);
	p = put_text_column(p, event->pid ? event->comm : NULL);
	p = put_column(p, event->family, event->family);
	p = put_end(p, true, event->family, event->saddr, event->sport);
	p = put_end(p, is_open, event->family, event->daddr, event->dport);
	p = put_column(p, event->netns, event->netns);
	p = put_column(p, event->cgroup, event->cgroup);
	p = put_column(p, event->cookie, event->cookie);
	p = put_figures(p, connection);
	p = put_text_column(p, who_value_text(event->who, WHO_EXE));
	return put_text(p, "\n");
}

/* ---- both ---- */

TCPT_API size_t tcpt_connection_format(const struct tcpt_connection *connection,
				       enum tcpt_format format, char *buf)
{
	if (!connection || !buf)
		return 0;
	if (format == TCPT_FORMAT_JSON)
		return put_json(buf, connection) - buf;
	return format == TCPT_FORMAT_TSV ? put_tsv(buf, connection) - buf : 0;
}

TCPT_API size_t tcpt_connection_heading(enum tcpt_format format, char *buf)
{
	if (!buf || format != TCPT_FORMAT_TSV)
		return 0;
	memcpy(buf, heading, sizeof(heading) - 1);
	return sizeof(heading) - 1;
}
