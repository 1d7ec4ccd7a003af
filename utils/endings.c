// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "endings.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "cli.h"

static struct endings *caught_by;

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

void endings_catch(struct endings *endings, bool hangup_ends)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = {};
	sigset_t caught;

	caught_by = endings;
	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		bool hangs_up = signals[i] == SIGHUP && !hangup_ends;

		if (signals[i] == SIGHUP && hangup_ends && cli_is_ignored(SIGHUP))
			continue; /* nohup, or a shell's background */
		action.sa_handler = hangs_up ? on_hangup : on_ending;
		sigaction(signals[i], &action, NULL);
		sigaddset(&caught, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, &endings->waiting);
}

void endings_look(const struct endings *endings)
{
	const struct timespec none = {};

	ppoll(NULL, 0, &none, &endings->waiting);
}
