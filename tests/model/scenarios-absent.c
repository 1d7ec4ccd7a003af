// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fields that the offsets document gives as absent. */
#include <stddef.h>

#include "maps.h"
#include "scenarios.h"
#include "steps.h"
#include "tcp.h"
#include "tool.h"

/* ---- before ---- */

static void no_errors(void)
{
	world.stage.absent = ABSENT_ERRORS;
}

static void no_shutdown(void)
{
	world.stage.absent = ABSENT_SHUTDOWN;
}

static void no_socket(void)
{
	world.stage.absent = ABSENT_SOCKET;
}

static void no_figures(void)
{
	world.stage.absent = ABSENT_FIGURES;
}

static void no_port(void)
{
	world.stage.absent = ABSENT_PORT;
}

/*
 * Nothing gives programs the time that people read, as before Linux 6.1; the loader has found
 * the difference of the clocks, or it has found a place that cannot be read.
 */
static void no_clock(void)
{
	static const int64_t realtime = 1700000000000000000;

	tool_control()->realtime = (uintptr_t)&realtime;
}

static void no_time(void)
{
	tool_control()->realtime = 8;
}

static void watch_without_table(void)
{
	world.stage.absent = ABSENT_TABLE;
	tool_begin_filter(TCPT_ABI_FILTER_WATCH, tasks[0].pid);
}

static void watch_without_file(void)
{
	world.stage.absent = ABSENT_FILE;
	tool_begin_filter(TCPT_ABI_FILTER_WATCH, tasks[0].pid);
}

static void listen_without_socket(void)
{
	no_socket();
	step_listen();
}

static void listen_without_shutdown(void)
{
	no_shutdown();
	step_listen();
}

/* ---- tasks and what arrives ---- */

static void connect_and_disconnect(void)
{
	step_connect();
	sys_disconnect(0);
	sys_close(0, 0);
}

static void reset(void)
{
	wait_until(syn_is_sent, 0);
	arrives(0, PACKET_SYNACK);
	arrives(0, PACKET_RST);
	all_ends(0, 1);
}

static void complete_and_reset(void)
{
	handshake_completes(LISTENER, CHILD, PEER);
	arrives(CHILD, PACKET_RST);
	all_ends(CHILD, 1);
}

const struct scenario scenarios_absent[] = {
	{ "no-errors", step_connect_and_close, reset, NULL, no_errors, NULL, 1 },
	{ "no-errors-refused", step_connect_and_close, step_refuse, NULL, no_errors, NULL, 1 },
	{ "no-errors-disconnected", connect_and_disconnect, step_answer, NULL, no_errors, NULL, 1 },
	{ "no-shutdown", step_connect_and_close, step_answer, NULL, no_shutdown, NULL, 1 },
	{ "no-shutdown-accept", step_accept_and_close, complete_and_reset, NULL,
	  listen_without_shutdown, NULL, 1 },
	{ "no-socket", step_connect_and_close, step_answer, NULL, no_socket, NULL, 1 },
	{ "no-socket-reset", step_connect_and_close, reset, NULL, no_socket, NULL, 1 },
	{ "no-socket-accept", step_accept_and_close, step_complete, NULL, listen_without_socket,
	  NULL, 1 },
	{ "no-figures", step_connect_and_close, step_answer, NULL, no_figures, NULL, 1 },
	{ "no-table", step_connect_and_close, step_answer, NULL, watch_without_table, NULL, 1 },
	{ "no-file", step_connect_and_close, step_answer, NULL, watch_without_file, NULL, 1 },
	{ "no-clock", step_connect_and_close, step_answer, NULL, no_clock, NULL, 1 },
	{ "no-time", step_connect_and_close, step_answer, NULL, no_time, NULL, 1 },
	{ "no-port-reset", step_connect_and_close, reset, NULL, no_port, NULL, 1 },
	{},
};
