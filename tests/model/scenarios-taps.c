// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each event goes to the rings of several taps, of which some are full. Or it goes to a flight
 * recorder.
 */
#include <stddef.h>

#include "scenarios.h"
#include "steps.h"
#include "tcp.h"

static void two_taps(void)
{
#ifndef TCPT_SLOTS
	world.stage.taps = 1;
#endif
}

static void four_taps(void)
{
#ifndef TCPT_SLOTS
	world.stage.taps = TCPT_ABI_TAPS_MAX - 1;
#endif
}

/* Readers that take nothing. */
static void full_but_third(void)
{
	four_taps();
	world.stage.full_taps = 1 << 1 | 1 << 2;
}

static void full_but_fourth(void)
{
	full_but_third();
	world.stage.full_taps |= 1 << 3;
}

static void full(void)
{
	full_but_fourth();
	world.stage.full_taps |= 1 << 4;
}

/* A ring of slots can be one. */
static void record(void)
{
	world.stage.is_recorder = 1;
}

static void listen_with_two_taps(void)
{
	two_taps();
	step_listen();
}

const struct scenario scenarios_taps[] = {
	{ "taps", step_connect_and_close, step_answer, NULL, two_taps, NULL, 0 },
	{ "taps-refused", step_connect_and_close, step_refuse, NULL, two_taps, NULL, 0 },
	{ "taps-accept", step_accept_and_close, step_complete, NULL, listen_with_two_taps, NULL,
	  0 },
	{ "recorder", step_connect_and_close, step_answer, NULL, record, NULL, 0 },
	{ "taps-4", step_connect_and_close, step_answer, NULL, four_taps, NULL, 1 },
	{ "taps-4-third", step_connect_and_close, step_answer, NULL, full_but_third, NULL, 1 },
	{ "taps-4-fourth", step_connect_and_close, step_answer, NULL, full_but_fourth, NULL, 1 },
	{ "taps-4-full", step_connect_and_close, step_answer, NULL, full, NULL, 1 },
	{},
};
