// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* New descriptors: functions of fs/file.c, and the system calls on them. */
#include "hooks.h"
#include "story.h"
#include "tcp.h"
#include "threads.h"
#include "truth.h"

static const struct {
	const char *name;
	int enter; /* sites; 0: none */
	int exit;
	int is_dup2; /* does not pass fd_install() */
} calls[] = {
	[CALL_DUP] = { "dup", 0, SITE_EXIT_DUP, 0 },
	[CALL_DUP2] = { "dup2", SITE_ENTER_DUP2, SITE_EXIT_DUP2, 1 },
	[CALL_DUP3] = { "dup3", 0, SITE_EXIT_DUP3, 1 },
	[CALL_FCNTL] = { "fcntl", SITE_ENTER_FCNTL, SITE_EXIT_FCNTL, 0 },
};

static void enter(enum fd_call call, int old, int argument)
{
	if (calls[call].enter)
		hook_fire(calls[call].enter, STEP_OTHER, -1, old, argument, 0);
}

static void install_into(const struct files_struct *files, int fd)
{
	hook_fire(SITE_INSTALL_INTO, STEP_OTHER, -1, (uintptr_t)files, fd, 0);
}

void fd_install(int fd)
{
	hook_fire(SITE_FD_INSTALL, STEP_OTHER, -1, fd, 0, 0);
	install_into(&task_now()->files, fd);
}

/* task_fd_install() of drivers/android/binder.c of Linux 4.19 */
void fd_install_elsewhere(int task, int fd)
{
	say("binder: another task gets descriptor %d", fd);
	install_into(&tasks[task].files, fd);
}

void sys_dup(enum fd_call call, int old, int new)
{
	say("%s(%d): %d", calls[call].name, old, new);
	kernel_begins();
	truth_fd_begins(new, old < SOCKS);
	enter(call, old, call == CALL_FCNTL ? F_DUPFD : new);
	if (calls[call].is_dup2)
		hook_fire(SITE_DUP2, STEP_OTHER, -1, 0, 0, new);
	else
		fd_install(new);
	hook_fire(calls[call].exit, STEP_OTHER, -1, new, 0, 0);
	truth_fd_ends();
	kernel_ends();
}

/* dup2() of a descriptor to itself, and a fcntl() that asks for flags: none is new. */
void sys_no_dup(enum fd_call call, int fd)
{
	say("%s(%d): no new descriptor", calls[call].name, fd);
	kernel_begins();
	enter(call, fd, call == CALL_FCNTL ? 3 : fd);
	hook_fire(calls[call].exit, STEP_OTHER, -1, fd, 0, 0);
	kernel_ends();
}
