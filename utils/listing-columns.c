// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "listing-columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what rows are ordered by ---- */

#define ORDER(name, expression)                                      \
	static uint64_t order_of_##name(const struct listed *row)    \
	{                                                            \
		const struct tcpt_event *e = &row->connection.event; \
		return expression;                                   \
	}

/* clang-format off */
ORDER(id, e->id)
ORDER(pid, e->pid)
ORDER(tid, e->tid)
ORDER(uid, e->uid)
ORDER(netns, e->netns)
ORDER(cgroup, e->cgroup)
ORDER(cookie, e->cookie)
ORDER(sport, e->sport)
ORDER(dport, e->dport)
ORDER(age, e->has_duration ? e->duration_ns : UINT64_MAX)
ORDER(sent, e->bytes_sent)
ORDER(received, e->bytes_received)
ORDER(rtt, e->srtt_us)
ORDER(retransmits, e->retransmits)
ORDER(sendq, ((void)e, row->connection.send_queue))
ORDER(recvq, ((void)e, row->connection.receive_queue))
ORDER(rate, ((void)e, row->rate))
/* clang-format on */

static const struct listing_column columns[] = {
	{ "id", "ID", true, false, order_of_id, false },
	{ "age", "AGE", true, false, order_of_age, true },
	{ "role", "ROLE", false, false, NULL, false },
	{ "state", "STATE", false, false, NULL, false },
	{ "pid", "PID", true, false, order_of_pid, false },
	{ "tid", "TID", true, false, order_of_tid, false },
	{ "uid", "UID", true, false, order_of_uid, false },
	{ "comm", "COMM", false, false, NULL, false },
	{ "exe", "EXE", false, false, NULL, false },
	{ "local", "LOCAL", false, true, NULL, false },
	{ "remote", "REMOTE", false, true, NULL, false },
	{ "saddr", "SADDR", false, false, NULL, false },
	{ "sport", "SPORT", true, false, order_of_sport, false },
	{ "daddr", "DADDR", false, false, NULL, false },
	{ "dport", "DPORT", true, false, order_of_dport, false },
	{ "family", "FAMILY", true, false, NULL, false },
	{ "netns", "NETNS", true, false, order_of_netns, false },
	{ "cgroup", "CGROUP", true, false, order_of_cgroup, false },
	{ "cookie", "COOKIE", true, false, order_of_cookie, false },
	{ "rate", "RATE", true, false, order_of_rate, true },
	{ "sent", "SENT", true, false, order_of_sent, true },
	{ "received", "RECV", true, false, order_of_received, true },
	{ "rtt", "RTT", true, false, order_of_rtt, true },
	{ "retransmits", "RETRANS", true, false, order_of_retransmits, true },
	{ "sendq", "SENDQ", true, false, order_of_sendq, true },
	{ "recvq", "RECVQ", true, false, order_of_recvq, true },
	{ "user", "USER", false, false, NULL, false },
	{ "service", "SERVICE", false, false, NULL, false },
	{ "container", "CONTAINER", false, false, NULL, false },
	{ "cgroup_path", "CGROUP PATH", false, false, NULL, false },
	{ "ppid", "PPID", true, false, NULL, false },
	{ "process", "PROCESS", false, false, NULL, false },
};

const struct listing_column *listing_column_at(unsigned int i)
{
	return i < SIZE(columns) ? &columns[i] : NULL;
}

const char *listing_column_name(unsigned int i)
{
	return i < SIZE(columns) ? columns[i].name : NULL;
}

const struct listing_column *listing_column_find(const char *name, size_t size)
{
	for (unsigned int i = 0; i < SIZE(columns); i++)
		if (strlen(columns[i].name) == size && !strncmp(columns[i].name, name, size))
			return &columns[i];
	return NULL;
}

/* ---- cells ---- */

static bool is(const struct listing_column *column, const char *name)
{
	return !strcmp(column->name, name);
}

/* A rate is written as a number of bytes is. */
static void write_rate(const struct listed *listed, char *buf)
{
	const struct tcpt_event event = { .type = TCPT_EVENT_CLOSE,
					  .has_bytes_sent = listed->has_rate,
					  .bytes_sent = listed->rate };

	buf[tcpt_value_format(&event, tcpt_value_find("sent"), buf)] = '\0';
}

static void write_queue(const struct tcpt_connection *connection, uint32_t size, char *buf)
{
	if (connection->has_queues)
		sprintf(buf, "%" PRIu32, size);
}

/* A listener has no other end, and what it has sent is no figure of it. */
static bool is_no_value_of_listeners(const char *name)
{
	static const char *const names[] = { "remote",	 "daddr", "dport",	"sent",
					     "received", "rtt",	  "retransmits" };

	for (unsigned int i = 0; i < SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void write_value(const char *name, const struct tcpt_connection *connection, char *buf)
{
	const char *value = strcmp(name, "age") ? name : "duration";

	if (connection->state != TCPT_STATE_LISTEN || !is_no_value_of_listeners(name))
		buf[tcpt_value_format(&connection->event, tcpt_value_find(value), buf)] = '\0';
}

void listing_column_write(const struct listing_column *column, const struct listed *listed,
			  char *buf)
{
	const struct tcpt_connection *connection = &listed->connection;
	const char *state = tcpt_state_name(connection->state);

	*buf = '\0';
	if (is(column, "state"))
		strcpy(buf, state ? state : "");
	else if (is(column, "rate"))
		write_rate(listed, buf);
	else if (is(column, "sendq"))
		write_queue(connection, connection->send_queue, buf);
	else if (is(column, "recvq"))
		write_queue(connection, connection->receive_queue, buf);
	else
		write_value(column->name, connection, buf);
	if (!*buf)
		strcpy(buf, "-");
}

const char *listing_column_color(const char *state)
{
	if (!strcmp(state, "established"))
		return "32";
	if (!strcmp(state, "listen"))
		return "36";
	return strcmp(state, "-") ? "33" : NULL;
}
