/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tcpt-check says of events that are right, wrong, missing or too many. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "comparison.h"
#include "deeds.h"

#define NETNS 4026532000U
#define WORKER 77

static struct deeds deeds;
static struct comparison comparison;

static void begin(void)
{
	static const struct deed done[] = {
		{ .type = TCPT_EVENT_CONNECT,
		  .role = TCPT_ROLE_CLIENT,
		  .family = 4,
		  .saddr = { 127, 0, 0, 1 },
		  .daddr = { 127, 0, 0, 1 },
		  .sport = 1000,
		  .dport = 80 },
		{ .type = TCPT_EVENT_CLOSE,
		  .role = TCPT_ROLE_CLIENT,
		  .family = 4,
		  .saddr = { 127, 0, 0, 1 },
		  .daddr = { 127, 0, 0, 1 },
		  .sport = 1000,
		  .dport = 80,
		  .reason = TCPT_REASON_LOCAL,
		  .sent = 5,
		  .received = 6,
		  .has_bytes = true },
		{ .type = TCPT_EVENT_FAIL,
		  .role = TCPT_ROLE_CLIENT,
		  .family = 6,
		  .sport = 1001,
		  .dport = 81,
		  .error = ECONNREFUSED },
		{ .type = TCPT_EVENT_FDINSTALL, .fd = 9 },
	};

	memset(&deeds, 0, sizeof(deeds));
	memcpy(deeds.of, done, sizeof(done));
	deeds.n = sizeof(done) / sizeof(*done);
	deeds.netns = NETNS;
	deeds.is_private = true;
	deeds.worker = WORKER;
	comparison = (struct comparison){
		.deeds = &deeds, .knows_pid = true, .knows_fds = true, .knows_acceptor = true
	};
}

/* Returns the event that a deed should have. */
static struct tcpt_event event_of(unsigned int i)
{
	const struct deed *deed = &deeds.of[i];
	struct tcpt_event event = { .type = deed->type,
				    .role = deed->role,
				    .pid = WORKER,
				    .comm = "tcpt-check",
				    .netns = NETNS,
				    .family = deed->family,
				    .sport = deed->sport,
				    .dport = deed->dport,
				    .reason = deed->reason,
				    .error = deed->error,
				    .fd = deed->fd,
				    .has_bytes_sent = deed->has_bytes,
				    .bytes_sent = deed->sent,
				    .has_bytes_received = deed->has_bytes,
				    .bytes_received = deed->received };

	memcpy(event.saddr, deed->saddr, sizeof(event.saddr));
	memcpy(event.daddr, deed->daddr, sizeof(event.daddr));
	return event;
}

/* Adds the events of all deeds, but for the one with this number. */
static void add_all_but(unsigned int without)
{
	for (unsigned int i = 0; i < deeds.n; i++) {
		struct tcpt_event event = event_of(i);

		if (i != without)
			comparison_add(&comparison, &event);
	}
}

static bool says(const char *what)
{
	bool found;
	char *wrong;

	comparison_end(&comparison);
	wrong = text_end(&comparison.wrong);
	found = *what ? wrong && strstr(wrong, what) : wrong && !*wrong;
	free(wrong);
	return found;
}

#define NONE 99

static void test_exact(void)
{
	begin();
	add_all_but(NONE);
	CHECK(!comparison_missing(&comparison));
	CHECK(says(""));
	CHECK(comparison.due == 4 && comparison.exact == 4);
}

static void test_missing(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		begin();
		add_all_but(i);
		CHECK(comparison_missing(&comparison) == 1);
		CHECK(says("missing: "));
		CHECK(comparison.due == 4 && comparison.exact == 3);
	}
}

static void check_wrong(unsigned int i, const struct tcpt_event *event, const char *what)
{
	add_all_but(i);
	comparison_add(&comparison, event);
	CHECK(comparison.exact == 3);
	CHECK(says(what));
}

static void test_wrong(void)
{
	struct tcpt_event event;

	begin();
	event = event_of(0);
	event.pid++;
	check_wrong(0, &event, "wrong is the process: {");
	begin();
	event = event_of(3);
	strcpy(event.comm, "other");
	check_wrong(3, &event, "wrong is the process: {");
	begin();
	event = event_of(0);
	event.role = TCPT_ROLE_SERVER;
	check_wrong(0, &event, "wrong is the role: {");
	begin();
	event = event_of(1);
	event.reason = TCPT_REASON_RESET;
	check_wrong(1, &event, "wrong is the reason: {");
	begin();
	event = event_of(1);
	event.bytes_received++;
	check_wrong(1, &event, "wrong is the bytes: {");
	begin();
	event = event_of(2);
	event.error = ETIMEDOUT;
	check_wrong(2, &event, "wrong is the error: {");
	begin();
	deeds.is_private = false;
	event = event_of(2);
	event.netns--;
	check_wrong(2, &event, "wrong is the network namespace: {");
}

static void test_too_many(void)
{
	struct tcpt_event event;

	begin();
	add_all_but(NONE);
	event = event_of(1);
	comparison_add(&comparison, &event);
	CHECK(says("not due: {"));
	begin();
	add_all_but(NONE);
	event = event_of(0);
	event.sport = 4;
	comparison_add(&comparison, &event);
	CHECK(says("not due: {"));
}

/* Other namespaces and processes, and what the mode does not know. */
static void test_others(void)
{
	struct tcpt_event event;

	begin();
	add_all_but(NONE);
	event = event_of(0);
	event.netns++;
	comparison_add(&comparison, &event);
	event = event_of(3);
	event.pid++;
	comparison_add(&comparison, &event);
	CHECK(says(""));
	begin();
	comparison.knows_fds = false;
	add_all_but(3);
	CHECK(says("") && comparison.due == 3 && comparison.exact == 3);
}

static void test_lost(void)
{
	const struct tcpt_event event = { .type = TCPT_EVENT_LOST, .count = 3 };

	begin();
	add_all_but(NONE);
	comparison_add(&comparison, &event);
	CHECK(says("lost: 3 events or connections, at ring"));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(test_exact),    TEST(test_missing), TEST(test_wrong),
		TEST(test_too_many), TEST(test_others),	 TEST(test_lost),
	};

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
