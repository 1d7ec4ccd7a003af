/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes that are killed or stopped in the midst of it */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "odd.h"

#define SYN_SENT 2

/* A child that blocks in connect, for a listener that hears nothing; error 0: it will succeed. */
static pid_t fork_connecting(const union address *addr, int error)
{
	struct odd_end client = { 0 };
	pid_t child = fork_child();

	if (child) {
		await_state(SYN_SENT);
		return child;
	}
	step("odd-connect");
	client.fd = socket_new(V4, 0);
	socket_bind(client.fd, V4, &client.at.local, 0);
	end_local(&client);
	if (error)
		connect_failed(&client, addr, error);
	if (connect(client.fd, &addr->sa, address_size(addr)) && !error)
		die("cannot connect");
	if (!error) {
		connected(&client);
		close_end(&client, "odd-close-c", "local");
	}
	_exit(0);
}

static void killed_connecting(void)
{
	union address addr;

	socket_drop(socket_listen(V4, &addr));
	kill_and_reap(fork_connecting(&addr, ECANCELED));
}

static void killed_client(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr), told[2];
	pid_t child;

	channel(told);
	child = fork_child();
	if (!child) {
		connect_end(&client, V4, &addr);
		step("odd-killed");
		record(EVENT_CLOSE, &client, "local");
		tell(told[1]);
		pause();
		_exit(1);
	}
	accept_end(&server, listener);
	await_told(told[0]);
	kill_and_reap(child);
	close_after(&server, "odd-close-s");
}

static void killed_server(void)
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);
	int told[2];
	pid_t child;

	channel(told);
	child = fork_child();
	if (!child) {
		accept_end(&server, listener);
		step("odd-killed");
		record(EVENT_CLOSE, &server, "local");
		tell(told[1]);
		pause();
		_exit(1);
	}
	connect_end(&client, V4, &addr);
	await_told(told[0]);
	kill_and_reap(child);
	close_after(&client, "odd-close-c");
}

static void stop_and_continue(pid_t child)
{
	int status;

	if (kill(child, SIGSTOP) || waitpid(child, &status, WUNTRACED) != child ||
	    !WIFSTOPPED(status))
		die("cannot stop a child");
	if (kill(child, SIGCONT) || waitpid(child, &status, WCONTINUED) != child ||
	    !WIFCONTINUED(status))
		die("cannot continue a child");
}

/* The call begins anew each time; it is one connect all the same. */
static void stopped_connecting(void)
{
	struct odd_end server;
	union address addr;
	int listener = socket_listen(V4, &addr);
	pid_t child;

	socket_drop(listener);
	child = fork_connecting(&addr, 0);
	for (int i = 0; i < 3; i++)
		stop_and_continue(child);
	socket_undrop(listener);
	accept_end(&server, listener);
	reap(child);
	close_after(&server, "odd-close-s");
}

static void stopped_and_killed(void)
{
	union address addr;
	pid_t child;

	socket_drop(socket_listen(V4, &addr));
	child = fork_connecting(&addr, ECANCELED);
	for (int i = 0; i < 3; i++)
		stop_and_continue(child);
	kill_and_reap(child);
}

const struct odd_workload kill_workloads[] = {
	{ .name = "killed-connecting", .run = killed_connecting },
	{ .name = "killed-client", .run = killed_client },
	{ .name = "killed-server", .run = killed_server },
	{ .name = "stopped-connecting", .run = stopped_connecting, .waits = true },
	{ .name = "stopped-and-killed", .run = stopped_and_killed },
	{ 0 },
};
