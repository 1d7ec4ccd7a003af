/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

static pid_t *children; /* 0 where it has been reaped */
static long n_children;
static long n_live;

static void signals_waited_for(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

/* Begins the child: it has signals as usual, and does not outlive the parent. */
static void child_begin(pid_t parent, enum peer_role role, const sigset_t *old)
{
	free(children);
	children = NULL;
	n_children = 0;
	sigprocmask(SIG_SETMASK, old, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	record_as(role);
}

pid_t child_fork(enum peer_role role)
{
	static sigset_t old;
	pid_t parent = getpid(), pid;
	sigset_t set;

	if (!children) {
		signals_waited_for(&set);
		sigprocmask(SIG_BLOCK, &set, &old);
	}
	children = reallocarray(children, (size_t)n_children + 1, sizeof(*children));
	if (!children)
		die("no memory");
	pid = fork();
	if (!pid) {
		child_begin(parent, role, &old);
		return 0;
	}
	if (pid < 0) {
		int why = errno;

		children_kill();
		errno = why;
		die("cannot fork");
	}
	children[n_children++] = pid;
	n_live++;
	return pid;
}

/* 0 when all that have ended, ended well */
static int children_reap(void)
{
	int result = 0;

	for (long i = 0; i < n_children; i++) {
		int status;

		if (!children[i] || waitpid(children[i], &status, WNOHANG) != children[i])
			continue;
		children[i] = 0;
		n_live--;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			result = -1;
	}
	return result;
}

int children_check(int64_t wait_ns)
{
	struct timespec span = { wait_ns / 1000000000, wait_ns % 1000000000 };
	sigset_t set;
	int got;

	signals_waited_for(&set);
	got = sigtimedwait(&set, NULL, &span);
	if (got > 0 && got != SIGCHLD)
		return -1;
	return children_reap();
}

int children_wait(int64_t until)
{
	while (n_live) {
		int64_t left = until - now_ns();

		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		errno = 0;
		if (children_check(left)) {
			errno = 0;
			return -1;
		}
	}
	return 0;
}

void children_kill(void)
{
	for (long i = 0; i < n_children; i++)
		if (children[i])
			kill(children[i], SIGKILL);
	for (long i = 0; i < n_children; i++)
		if (children[i])
			waitpid(children[i], NULL, 0);
	children_free();
}

void children_free(void)
{
	free(children);
	children = NULL;
	n_children = n_live = 0;
}
