/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "ends.h"
#include "netns.h"

static int other_pid;

void record_pid(int pid)
{
	other_pid = pid;
}

static struct record record_of(enum event event, const struct tuple *at)
{
	return (struct record){ .event = event,
				.pid = other_pid ? other_pid : getpid(),
				.comm = "ends",
				.tuple = *at,
				.netns = netns_inode() };
}

/* Nobody has asked for that of an accept by then; others are asked after the event. */
static const char *cookie_text(enum event event, int fd, char *text, size_t size)
{
	bool unknown = !has_cookies && event == EVENT_ACCEPT;
	uint64_t cookie = unknown ? 0 : socket_cookie(fd);

	snprintf(text, size, cookie ? "%llu" : "-", (unsigned long long)cookie);
	return text;
}

/* The further columns: COOKIE SENT RECEIVED SRTT RETRANSMITS REASON ERRNO */
void record_end(enum event event, struct end *end)
{
	struct record record = record_of(event, &end->at);
	char text[24];
	const char *cookie = cookie_text(event, end->fd, text, sizeof(text));

	if (event != EVENT_CLOSE) {
		record_add(&record, "\t%s\t-\t-\t-\t-\t-\t-", cookie);
		return;
	}
	if (!end->is_measured)
		measure(end);
	record_add(&record, "\t%s\t%ld\t%ld\t%u\t%u\t%s\t-", cookie, end->sent, end->received,
		   end->srtt_us, end->retransmits, end->reason);
}

void record_fail(const struct tuple *at, const char *error)
{
	struct record record = record_of(EVENT_FAIL, at);

	record_add(&record, "\t-\t-\t-\t-\t-\t-\t%s", error);
}
