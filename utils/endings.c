// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "endings.h"

#include "cli.h"

static struct endings *caught_by;

static void on_ending(int signal)
{
	(void)signal;
	caught_by->came = 1;
}

void endings_catch(struct endings *endings)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_ending };
	sigset_t caught;

	caught_by = endings;
	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (signals[i] == SIGHUP && cli_is_ignored(SIGHUP))
			continue; /* nohup, or a shell's background */
		sigaction(signals[i], &action, NULL);
		sigaddset(&caught, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, &endings->waiting);
}
