/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a trace, or one after the other, and prints its events. */
#ifndef WATCH_H
#define WATCH_H

#include "cli.h"
#include "signals.h"
#include "tables.h"
#include "view.h"

struct config {
	const char *pin;
	unsigned int tap;
	const char *output; /* the file that is stdout, and is opened again on SIGHUP; or NULL */
	struct view_options view;
	struct tables_options tables; /* if there are any, events are counted, not printed */
	unsigned int types; /* bit N: type N is printed */
	uint64_t num_events;
	uint64_t duration_ms;
	uint64_t idle_ms;
	bool drain;
	bool peek; /* with drain: what is printed stays in the trace */
	bool follow;
	bool banner;
	bool fail_on_loss;
	/* Once this is set, what is there is printed, and then it is over. NULL: never. */
	const volatile sig_atomic_t *ended;
	/* If this is set, events go there, losses too, and are not printed. */
	void (*take)(void *arg, const struct tcpt_event *event);
	void *take_arg;
};

/*
 * Prints events until config, a signal or the end of the trace says that it is over. cli
 * names the program in messages. The signals are caught already.
 */
enum cli_status watch(const struct cli *cli, const struct config *config, struct signals *signals,
		      const struct tcpt_log *log);

#endif
