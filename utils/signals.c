// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "signals.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "cli.h"

static struct signals *caught_by;

static void on_ending(int signal)
{
	(void)signal;
	caught_by->insists = caught_by->came;
	caught_by->came = 1;
}

static void on_hangup(int signal)
{
	(void)signal;
	caught_by->hung_up = 1;
}

void signals_catch(struct signals *signals, bool hangup_ends)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = {};
	sigset_t caught;

	caught_by = signals;
	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		bool hangs_up = numbers[i] == SIGHUP && !hangup_ends;

		if (numbers[i] == SIGHUP && hangup_ends && cli_is_ignored(SIGHUP))
			continue; /* nohup, or a shell's background */
		action.sa_handler = hangs_up ? on_hangup : on_ending;
		sigaction(numbers[i], &action, NULL);
		sigaddset(&caught, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, &signals->waiting);
}

void signals_look(const struct signals *signals)
{
	const struct timespec none = {};

	ppoll(NULL, 0, &none, &signals->waiting);
}
