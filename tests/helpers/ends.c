/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ends.h"

#define RECORDS 4096
#define MORE 128 /* bytes of further columns */

static const char usage_text[] =
	"Usage: ends [-c] FAMILY RECORD [CASE]...\n"
	"\n"
	"Make TCP connections over loopback, of family 4 or 6, that end in each way,\n"
	"and write what they really were to RECORD.\n"
	"\n"
	"A line: TYPE PID COMM SADDR SPORT DADDR DPORT NETNS COOKIE SENT RECEIVED SRTT\n"
	"RETRANSMITS REASON ERRNO, tabs between. SENT is what was acknowledged. Cookies are asked "
	"for before\n"
	"the events that have them; with -c only when all is over, and all have them.\n"
	"Exit status: 0 when all was done, 1 on failure (no record), 2 on misuse.\n";

static void close_as(struct end *end, const char *reason)
{
	socket_await_sent(end->fd);
	end->reason = reason;
	close_end(end);
}

static void close_in_turn(struct end *first, struct end *second)
{
	close_as(first, "local");
	socket_await_eof(second->fd);
	close_as(second, "peer");
}

/* Closing the first one resets the connection. */
static void reset_in_turn(struct end *first, struct end *second)
{
	close_as(first, "reset");
	await_error(second);
	close_as(second, "reset");
}

/* ---- one side sends its FIN first ---- */

static void close_first(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 100);
	carry(&pair.server, &pair.client, 5000);
	close_in_turn(&pair.client, &pair.server);
}

static void server_first(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 1);
	carry(&pair.server, &pair.client, 60000);
	close_in_turn(&pair.server, &pair.client);
}

static void nothing_sent(void)
{
	struct pair pair;

	connect_pair(&pair);
	close_in_turn(&pair.server, &pair.client);
}

/* The client's FIN is acknowledged, and the connection goes on. */
static void half_close(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 7);
	shut(&pair.client);
	socket_await_sent(pair.client.fd);
	socket_await_eof(pair.server.fd);
	carry(&pair.server, &pair.client, 300);
	close_as(&pair.server, "peer");
	socket_await_eof(pair.client.fd);
	close_as(&pair.client, "local");
}

/* While the other end still holds its own open. */
static void half_close_closed(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 7);
	shut(&pair.client);
	socket_await_sent(pair.client.fd);
	socket_await_eof(pair.server.fd);
	close_as(&pair.client, "local");
	close_as(&pair.server, "peer");
}

/* Both directions are shut, and another process closes later. */
static void shut_then_closed(void)
{
	struct pair pair;
	pid_t pid;
	int sync[2];

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 9);
	channel(sync);
	pid = fork_child();
	if (!pid) {
		close(pair.server.fd);
		await_told(sync[1]);
		_exit(0); /* closes it */
	}
	if (shutdown(pair.client.fd, SHUT_RDWR))
		die("shutdown");
	socket_await_sent(pair.client.fd);
	pair.client.reason = "local";
	record_pid(pid);
	record_end(EVENT_CLOSE, &pair.client);
	record_pid(0);
	close(pair.client.fd);
	tell(sync[0]);
	reap(pid);
	socket_await_eof(pair.server.fd);
	close_as(&pair.server, "peer");
}

/* Both ends shut their way down; nothing is open any more when they are closed. */
static void shut_after_fin(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 8);
	carry(&pair.server, &pair.client, 80);
	shut(&pair.client);
	socket_await_eof(pair.server.fd);
	shut(&pair.server);
	socket_await_eof(pair.client.fd);
	socket_await_sent(pair.server.fd);
	close_as(&pair.server, "peer");
	close_as(&pair.client, "local");
}

/* ---- resets ---- */

static void linger(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 33);
	socket_reset_on_close(pair.client.fd);
	reset_in_turn(&pair.client, &pair.server);
}

static void server_linger(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.server, &pair.client, 34);
	socket_reset_on_close(pair.server.fd);
	reset_in_turn(&pair.server, &pair.client);
}

/* What lies unread in the socket has been received all the same. */
static void unread(void)
{
	struct pair pair;

	connect_pair(&pair);
	if (send(pair.server.fd, "unread", 6, 0) != 6)
		die("send");
	socket_await_sent(pair.server.fd);
	pair.server.sent = pair.client.received = 6;
	reset_in_turn(&pair.client, &pair.server);
}

/* A reset that follows the peer's FIN. */
static void reset_after_fin(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 5);
	shut(&pair.client);
	socket_await_sent(pair.client.fd);
	socket_await_eof(pair.server.fd);
	socket_reset_on_close(pair.client.fd);
	close_as(&pair.client, "local");
	await_error(&pair.server);
	close_as(&pair.server, "reset");
}

static void disconnect(void)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 11);
	socket_await_sent(pair.client.fd);
	measure(&pair.client);
	if (connect(pair.client.fd, &nowhere, sizeof(nowhere)))
		die("disconnect");
	await_error(&pair.server);
	close_as(&pair.server, "reset");
	pair.client.reason = "reset";
	close_end(&pair.client);
}

/* ---- silence ---- */

static void user_timeout(void)
{
	struct pair pair;

	connect_pair(&pair);
	carry(&pair.client, &pair.server, 12);
	socket_await_sent(pair.client.fd);
	socket_option(pair.client.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 300);
	socket_drop(pair.server.fd);
	if (send(pair.client.fd, "lost", 4, 0) != 4)
		die("send");
	await_error(&pair.client);
	pair.client.reason = "timeout";
	close_end(&pair.client);
	close_as(&pair.server, "local");
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "close-first", close_first },
	{ "server-first", server_first },
	{ "nothing-sent", nothing_sent },
	{ "half-close", half_close },
	{ "half-close-closed", half_close_closed },
	{ "shut-then-closed", shut_then_closed },
	{ "shut-after-fin", shut_after_fin },
	{ "linger", linger },
	{ "server-linger", server_linger },
	{ "unread", unread },
	{ "reset-after-fin", reset_after_fin },
	{ "disconnect", disconnect },
	{ "user-timeout", user_timeout },
	{ "fail-refused", fail_refused },
	{ "fail-refused-later", fail_refused_later },
	{ "fail-timed-out", fail_timed_out },
	{ "fail-unreachable", fail_unreachable },
	{ "fail-closed", fail_closed },
	{ "fail-killed", fail_killed },
	{ "self-handed-on", self_handed_on },
	{ "rejected", rejected },
	{ "rejected-unasked", rejected_unasked },
	{ "rejected-shut", rejected_shut },
	{ "rejected-waiting", rejected_waiting },
	{ "rejected-fastopen", rejected_fastopen },
	{ "dropped-waiting", dropped_waiting },
	{ "dropped-closed", dropped_closed },
	{ "mptcp-rejected", mptcp_rejected },
	{ "mptcp-waiting", mptcp_waiting },
	{ "mptcp-closed", mptcp_closed },
};

static void run_case(const char *name)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (strcmp(cases[i].name, name))
			continue;
		cases[i].run();
		return;
	}
	fprintf(stderr, "ends: no case %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "-c")) {
		has_cookies = true;
		argc--;
		argv++;
	}
	if (argc < 4 || strlen(argv[1]) != 1 || !strchr("46", argv[1][0])) {
		fputs(usage_text, stderr);
		return 2;
	}
	family = argv[1][0] == '4' ? V4 : V6;
	records_open(RECORDS, MORE);
	for (int i = 3; i < argc; i++)
		run_case(argv[i]);
	if (records_print(argv[2], ""))
		die("cannot write the record");
	return 0;
}
