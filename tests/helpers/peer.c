/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"

#define LOOK_NS 2000000 /* between two looks for the go file */

/* Ends the whole run: no child is left, nothing is recorded. */
static void __attribute__((noreturn)) end_run(const struct peer_options *opts, int why)
{
	children_kill();
	errno = 0;
	if (why == ETIMEDOUT)
		die("not done after %ld s", opts->deadline);
	die("a process failed or a signal came");
}

static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void drop_ready_fd(const struct peer_options *opts)
{
	if (opts->ready_fd > STDERR_FILENO)
		close((int)opts->ready_fd);
}

static void start_servers(const struct peer_options *opts, struct peer_plan *plan)
{
	for (long i = 0; i < opts->servers && opts->cycles; i++) {
		if (child_fork(ROLE_SERVER))
			continue;
		drop_ready_fd(opts);
		plan_close_listeners(plan, i);
		work_server(opts, plan, i);
		_exit(0);
	}
	plan_close_listeners(plan, -1);
}

/* Clients wait until the other end of the gate is closed. */
static void client_begin(const struct peer_options *opts, const int gate[2])
{
	char byte;

	drop_ready_fd(opts);
	close(gate[1]);
	if (read(gate[0], &byte, 1) < 0)
		die("cannot wait for the start");
	close(gate[0]);
}

/* Clients 0 .. clients-1, and one more for the connects that fail. */
static int start_clients(const struct peer_options *opts, struct peer_plan *plan)
{
	long clients = opts->cycles ? opts->clients : 0;
	bool fails = opts->refused || opts->unanswered;
	int gate[2];

	if (pipe2(gate, O_CLOEXEC))
		die("pipe");
	for (long i = 0; i < clients + fails; i++) {
		if (child_fork(ROLE_CLIENT))
			continue;
		client_begin(opts, gate);
		if (i < clients)
			work_client(opts, plan, i);
		else
			work_failing(opts);
		_exit(0);
	}
	close(gate[0]);
	return gate[1];
}

static void look_again(const struct peer_options *opts, int64_t until)
{
	if (now_ns() >= until)
		end_run(opts, ETIMEDOUT);
	if (children_check(LOOK_NS))
		end_run(opts, 0);
}

static void wait_blocked(const struct peer_options *opts, const struct peer_plan *plan,
			 int64_t until)
{
	for (long i = 0; opts->blocked && i < plan->n_acceptors; i++)
		while (!acceptor_is_blocked(i))
			look_again(opts, until);
}

static void banner(const struct peer_options *opts)
{
	static const char text[] = "peer: ready\n";

	if (write((int)opts->ready_fd, text, sizeof(text) - 1) < 0)
		end_run(opts, 0);
	drop_ready_fd(opts);
}

static bool stdin_has_line(const struct peer_options *opts)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	while (poll(&input, 1, 0) > 0) {
		if (read(STDIN_FILENO, &byte, 1) != 1) {
			fputs("peer: stdin ended before the line to go on\n", stderr);
			end_run(opts, 0);
		}
		if (byte == '\n')
			return true;
	}
	return false;
}

static void wait_go(const struct peer_options *opts, int64_t until)
{
	if (opts->go_file)
		while (access(opts->go_file, F_OK))
			look_again(opts, until);
	else if (opts->blocked)
		while (!stdin_has_line(opts))
			look_again(opts, until);
}

static void run(const struct peer_options *opts, struct peer_plan *plan)
{
	int64_t until = now_ns() + opts->deadline * 1000000000;
	int gate;

	start_servers(opts, plan);
	gate = start_clients(opts, plan);
	wait_blocked(opts, plan, until);
	banner(opts);
	wait_go(opts, until);
	close(gate);
	if (children_wait(until))
		end_run(opts, errno);
	children_free();
}

int main(int argc, char **argv)
{
	struct peer_options opts;
	struct peer_plan plan;

	options_parse(&opts, argc, argv);
	raise_fd_limit();
	if (opts.new_netns)
		netns_enter_new();
	plan_make(&plan, &opts);
	shared_open(&plan);
	records_open(4 * opts.cycles + opts.refused + opts.unanswered, 0);
	run(&opts, &plan);
	if (retries_counted())
		fprintf(stderr, "peer: %ld connects tried again for want of a local port\n",
			retries_counted());
	if (records_print(opts.record, ""))
		die("cannot write the record");
	plan_free(&plan);
	shared_close();
	records_close();
	return 0;
}
