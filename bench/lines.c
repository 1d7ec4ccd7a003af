/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lines: what the line of an event takes in each format, one thread, nothing else.
 *
 * Prints FORMAT NANOSECONDS for each format: the least of many rounds over the events of
 * two connections, one of IPv4 and one of IPv6: connect, accept and two closes each.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tcpt.h"

#define ROUNDS 200
#define CYCLES 500
#define ENDS 4 /* the events of one connection */

static const char *const names[] = {
	[TCPT_FORMAT_TEXT] = "text",
	[TCPT_FORMAT_JSON] = "json",
	[TCPT_FORMAT_TSV] = "tsv",
	[TCPT_FORMAT_TCPTRACER] = "tcptracer",
};

static uint64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000ULL + at.tv_nsec;
}

static void set_ends(struct tcpt_event *event, int family)
{
	event->family = family;
	event->sport = event->role == TCPT_ROLE_CLIENT ? 51234 : 8443;
	event->dport = event->role == TCPT_ROLE_CLIENT ? 8443 : 51234;
	if (family == 6) {
		inet_pton(AF_INET6, "2001:db8:12:7f00::1:2a", event->saddr);
		inet_pton(AF_INET6, "2001:db8:12:7f00::1:2b", event->daddr);
	} else {
		inet_pton(AF_INET, "192.168.115.20", event->saddr);
		inet_pton(AF_INET, "10.12.0.7", event->daddr);
	}
}

static void set_close(struct tcpt_event *event)
{
	event->has_duration = event->has_bytes_sent = event->has_bytes_received = true;
	event->has_srtt = event->has_retransmits = true;
	event->duration_ns = 48219377;
	event->bytes_sent = 512;
	event->bytes_received = 118234;
	event->srtt_us = 318;
	event->opener_pid = event->pid;
	event->reason = event->role == TCPT_ROLE_CLIENT ? TCPT_REASON_LOCAL : TCPT_REASON_PEER;
}

static struct tcpt_event event_of(enum tcpt_event_type type, enum tcpt_role role, int family)
{
	struct tcpt_event event = {
		.type = type,
		.role = role,
		.cpu = 3,
		.seq = 1234567,
		.ts = 98765432101234,
		.time = 1790000000123456789,
		.id = 281474976710656 + 4711,
		.pid = role == TCPT_ROLE_CLIENT ? 31415 : 271828,
		.tid = role == TCPT_ROLE_CLIENT ? 31415 : 271829,
		.uid = 1000,
		.netns = 4026531840,
		.cgroup = 21937,
		.cookie = 90210,
		.wait_ns = 183000,
	};

	strcpy(event.comm, role == TCPT_ROLE_CLIENT ? "curl" : "nginx");
	event.has_wait = type != TCPT_EVENT_CLOSE;
	set_ends(&event, family);
	if (type == TCPT_EVENT_CLOSE)
		set_close(&event);
	return event;
}

static void make_events(struct tcpt_event *events)
{
	for (int family = 4; family <= 6; family += 2) {
		*events++ = event_of(TCPT_EVENT_CONNECT, TCPT_ROLE_CLIENT, family);
		*events++ = event_of(TCPT_EVENT_ACCEPT, TCPT_ROLE_SERVER, family);
		*events++ = event_of(TCPT_EVENT_CLOSE, TCPT_ROLE_CLIENT, family);
		*events++ = event_of(TCPT_EVENT_CLOSE, TCPT_ROLE_SERVER, family);
	}
}

static double round_of(const struct tcpt_event *events, enum tcpt_format format)
{
	char line[TCPT_LINE_MAX];
	uint64_t began = now();

	for (int i = 0; i < CYCLES; i++)
		for (int k = 0; k < 2 * ENDS; k++)
			if (!tcpt_event_format(&events[k], format, line))
				exit(1);
	return (now() - began) / (double)(CYCLES * 2 * ENDS);
}

int main(int argc, char **argv)
{
	struct tcpt_event events[2 * ENDS];

	make_events(events);
	for (int format = 0; format < (int)(sizeof(names) / sizeof(names[0])); format++) {
		double least;

		if (argc > 1 && strcmp(argv[1], names[format]) != 0)
			continue;
		least = round_of(events, format);
		for (int round = 1; round < ROUNDS; round++) {
			double took = round_of(events, format);

			least = took < least ? took : least;
		}
		printf("%s %.1f\n", names[format], least);
	}
	return 0;
}
