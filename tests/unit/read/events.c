// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "events.h"

#include <string.h>

struct tcpt_event ipv4_event(enum tcpt_event_type type)
{
	return (struct tcpt_event){
		.type = type,
		.role = TCPT_ROLE_CLIENT,
		.cpu = 1,
		.seq = 7,
		.ts = 3059282041999,
		.id = 12,
		.pid = 23202,
		.tid = 23203,
		.uid = 1000,
		.comm = "curl",
		.family = 4,
		.saddr = { 127, 0, 0, 1 },
		.daddr = { 10, 200, 30, 4 },
		.sport = 33428,
		.dport = 80,
		.netns = 4026531840,
	};
}

struct tcpt_event ipv6_event(enum tcpt_event_type type)
{
	struct tcpt_event event = ipv4_event(type);

	event.role = TCPT_ROLE_SERVER;
	event.family = 6;
	memset(event.saddr, 0, 16);
	event.saddr[15] = 1;
	memcpy(event.daddr, "\xfd\x12\0\0\0\0\0\0\0\0\0\0\0\0\xab\xcd", 16);
	return event;
}
