// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Watched processes get descriptors. Those from SOCKS + 1 on are copies of socket 0's. */
#include <stddef.h>

#include "maps.h"
#include "scenarios.h"
#include "tcp.h"
#include "tool.h"

#define PLAIN SOCKS /* of no socket */
#define COPY (SOCKS + 1)
#define WATCH TCPT_ABI_FILTER_WATCH

static void watch_first(void)
{
	tool_begin_filter(WATCH, tasks[0].pid);
}

static void get_each(void)
{
	sys_socket(0);
	sys_dup(CALL_DUP, 0, COPY);
	sys_no_dup(CALL_FCNTL, 0);
	sys_dup(CALL_DUP2, 0, COPY + 1);
	sys_no_dup(CALL_DUP2, 0);
	sys_dup(CALL_DUP3, 0, COPY + 2);
	sys_dup(CALL_FCNTL, 0, COPY + 3);
	sys_dup(CALL_DUP, PLAIN, FDS - 1);
	fd_install_elsewhere(1, COPY);
}

static void get_two(void)
{
	sys_dup(CALL_DUP, 0, COPY);
	free_point();
	sys_dup(CALL_DUP2, 0, COPY + 1);
}

static void get_again(void)
{
	sys_dup(CALL_DUP2, 0, COPY);
	free_point();
	sys_dup(CALL_FCNTL, 0, COPY + 1);
}

static void get_plain(void)
{
	sys_dup(CALL_DUP, PLAIN, FDS - 1);
}

static void get_unwatched(void)
{
	sys_dup(CALL_DUP, 0, COPY + 2);
}

static void watch_and_unwatch(void)
{
	tool_add_filter(WATCH, tasks[0].pid);
	free_point();
	tool_remove_filter(WATCH, tasks[0].pid);
}

static void have_socket(void)
{
	sock_erase(0);
	world.sock[0].sk.sk_socket = &world.sock[0].socket;
}

static void have_and_watch(void)
{
	have_socket();
	watch_first();
}

const struct scenario scenarios_fd[] = {
	{ "fd", get_each, NULL, NULL, watch_first, NULL, 0 },
	{ "fd-unwatched", get_two, NULL, get_unwatched, have_and_watch, NULL, 0 },
	{ "fd-watched-later", get_two, NULL, NULL, have_socket, watch_and_unwatch, 0 },
	{ "fd-replaced", get_two, NULL, NULL, have_and_watch, tool_replace, 1 },
	{ "fd-replaced-dup2", get_again, NULL, NULL, have_and_watch, tool_replace, 1 },
	{ "fd-mode", get_two, NULL, NULL, have_and_watch, tool_change_mode, 1 },
	{ "fd-mode-dup2", get_again, NULL, NULL, have_and_watch, tool_change_mode, 1 },
	{ "fd-mode-plain", get_plain, NULL, NULL, have_and_watch, tool_change_mode, 1 },
	{ "fd-replace-killed", get_two, NULL, NULL, have_and_watch, tool_replace_killed, 1 },
	{},
};
