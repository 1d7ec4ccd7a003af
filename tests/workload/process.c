/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "process.h"

pid_t fork_child(void)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		die("cannot fork");
	if (!child && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent))
		_exit(1);
	return child;
}

static int status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) != child)
		if (errno != EINTR)
			die("cannot wait for a child");
	return status;
}

void reap(pid_t child)
{
	int status = status_of(child);

	errno = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("a child failed");
}

void kill_and_reap(pid_t child)
{
	int status;

	if (kill(child, SIGKILL))
		die("cannot kill a child");
	status = status_of(child);
	errno = 0;
	if (!WIFSIGNALED(status))
		die("a child ended before it was killed");
}

void channel(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		die("socketpair");
}

void tell(int end)
{
	if (send(end, "x", 1, MSG_NOSIGNAL) != 1)
		die("nobody to tell");
}

void await_told(int end)
{
	char byte;
	ssize_t got;

	do {
		got = read(end, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		die("the other process is gone");
}

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
