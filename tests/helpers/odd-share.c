/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets that several descriptors or processes hold */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "odd.h"

/* The last one that closes ends the connection. */
static void fork_close(bool child_last)
{
	struct odd_end client, server;
	int told[2];
	pid_t child;

	channel(told);
	pair(&client, &server, V4);
	child = fork_child();
	if (!child) {
		close(client.fd);
		if (child_last)
			await_told(told[1]);
		step("odd-close-x");
		close(server.fd);
		if (child_last)
			record(EVENT_CLOSE, &server, "local");
		_exit(0);
	}
	if (child_last) {
		step("odd-not-last");
		close(server.fd);
		tell(told[0]);
	}
	reap(child);
	if (!child_last)
		close_end(&server, "odd-close-s", "local");
	close_after(&client, "odd-close-c");
}

static void fork_child_last(void)
{
	fork_close(true);
}

static void fork_parent_last(void)
{
	fork_close(false);
}

union rights {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static void pass(int to, int fd)
{
	union rights rights = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { (char[]){ 'x' }, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };

	memcpy(CMSG_DATA(&rights.header), &fd, sizeof(fd));
	if (sendmsg(to, &message, 0) != 1)
		die("cannot pass a descriptor");
}

static int take(int from)
{
	union rights rights;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };
	int fd;

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message))
		die("cannot take a descriptor");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Opened by one process and closed by another that it was passed to */
static void passed(void)
{
	struct odd_end client, server;
	int way[2], done[2];
	pid_t child;

	channel(way);
	channel(done);
	child = fork_child();
	if (!child) {
		await_told(done[1]);
		server.fd = take(way[1]);
		step("odd-close-x");
		close(server.fd);
		_exit(0);
	}
	pair(&client, &server, V4);
	step("odd-pass");
	pass(way[0], server.fd);
	close(server.fd);
	record_for(child, "odd-close-x", EVENT_CLOSE, &server, "local", ALL, KNOWN_TRUE);
	tell(done[0]);
	reap(child);
	close_after(&client, "odd-close-c");
}

/* Passed and never taken: closed with what it waits in */
static void passed_not_taken(void)
{
	struct odd_end client, server;
	int way[2];

	channel(way);
	pair(&client, &server, V4);
	step("odd-pass");
	pass(way[0], client.fd);
	close(client.fd);
	step("odd-drop");
	close(way[1]);
	record(EVENT_CLOSE, &client, "local");
	close_after(&server, "odd-close-s");
}

static void duplicated(void)
{
	struct odd_end client, server;
	int second, other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	pair(&client, &server, V4);
	step("odd-dup");
	second = dup(client.fd);
	if (second < 0 || dup2(client.fd, 200) != 200)
		die("dup");
	close(client.fd);
	close(second);
	/* The last descriptor is put out of the way by something else. */
	step("odd-close-c");
	if (dup2(other, 200) != 200)
		die("dup2");
	record(EVENT_CLOSE, &client, "local");
	close_after(&server, "odd-close-s");
}

/* A process that never closes its connection: how it ends does, under this name. */
static void never_closed(const char *comm, void (*end)(void))
{
	struct odd_end client, server;
	union address addr;
	int listener = socket_listen(V4, &addr);
	pid_t child = fork_child();

	if (!child) {
		connect_end(&client, V4, &addr);
		step(comm);
		record(EVENT_CLOSE, &client, "local");
		end();
	}
	accept_end(&server, listener);
	reap(child);
	close_after(&server, "odd-close-s");
}

static void leave(void)
{
	_exit(0);
}

static void exit_unclosed(void)
{
	never_closed("odd-exit", leave);
}

static void become_true(void)
{
	execlp("true", "true", (char *)NULL);
	die("cannot execute true");
}

/* Another program does not get the socket; it may have its name before or after. */
static void exec_closes(void)
{
	never_closed("true", become_true);
}

const struct odd_workload share_workloads[] = {
	{ .name = "fork-child-last", .run = fork_child_last },
	{ .name = "fork-parent-last", .run = fork_parent_last },
	{ .name = "scm-rights", .run = passed },
	{ .name = "scm-rights-not-taken", .run = passed_not_taken },
	{ .name = "dup2", .run = duplicated },
	{ .name = "exit-unclosed", .run = exit_unclosed },
	{ .name = "exec-closes", .run = exec_closes },
	{ 0 },
};
