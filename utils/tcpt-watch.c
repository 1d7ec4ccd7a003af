// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli.h"
#include "logfile.h"
#include "programs.h"
#include "watch-options.h"

static cli_take take_resolve;

static const struct cli cli = {
	.name = "tcpt-watch",
	.synopsis = "[OPTION]...",
	.about = "Print the events of a pinned trace, and take from it what was printed.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to print"),
			WATCH_FORMAT,
			WATCH_TYPE,
			WATCH_COLUMNS,
			{ 0, "summary", NULL, "text: one line for each connection, at its close",
			  cli_take_true, CLI_TO(view.summary) },
			WATCH_NO_HEADING,
			WATCH_COLOR,
			WATCH_TIME,
			{ 'o', "output", "FILE",
			  "append to FILE, and open it again on SIGHUP, as for logrotate",
			  cli_take_text, CLI_TO(output) },
			{ 0, "resolve", "NAME,...",
			  "find names for what events have as numbers: user, cgroup, service, "
			  "container, exe, ppid, process, started",
			  take_resolve, CLI_TO(view.resolve) },
			WATCH_COUNT,
			WATCH_INTERVAL,
			CLI_GROUP("When to end"),
			WATCH_NUM_EVENTS,
			WATCH_DURATION,
			WATCH_IDLE_TIMEOUT,
			{ 0, "drain", NULL, "print the events that are there, and end",
			  cli_take_true, CLI_TO(drain) },
			{ 0, "peek", NULL,
			  "print the events that are there, leave them there, and end",
			  cli_take_true, CLI_TO(peek) },
			{ 0, "follow", NULL,
			  "wait for a trace, and when it has ended for the next one", cli_take_true,
			  CLI_TO(follow) },
			CLI_GROUP("For scripts"),
			WATCH_FAIL_ON_LOSS,
			WATCH_BANNER,
			CLI_GROUP("Which trace"),
			{ 0, "tap", "N", "read this tap of a trace that has several (1)",
			  cli_take_number, CLI_TO(tap), .min = 1, .max = TCPT_TAPS_MAX },
			CLI_PIN,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-watch", "events as they come, until Ctrl-C" },
			{ "tcpt-watch --summary >>connections.txt",
			  "a line for each connection that ends" },
			{ "tcpt-watch --type=connect --count=comm,daddr,dport --duration=1m",
			  "who connects where, and how often" },
			{ "tcpt-watch --resolve=user,service",
			  "the same, with the names of users and services" },
			{ "tcpt-watch --type=fail --num-events=1 --duration=5m",
			  "wait for a connect that fails" },
			{},
		},
};

static void take_resolve(const struct cli *program, const struct cli_option *option, char *list,
			 void *to)
{
	const char *names[16];
	char *save, *name = strtok_r(list, ",", &save);
	unsigned int n = 0;

	for (unsigned int bit = 1; tcpt_resolve_name(bit); bit <<= 1)
		names[n++] = tcpt_resolve_name(bit);
	names[n] = NULL;
	if (!name)
		cli_misuse(program, "--resolve: no name is given");
	for (; name; name = strtok_r(NULL, ",", &save))
		*(unsigned int *)to |= 1U << cli_choice(program, option->name, name, names);
}

/* Adds what has to be resolved for the columns or values of a list. */
static void resolve_values(struct config *config, const char *list)
{
	char *copy = list ? strdup(list) : NULL, *save, *name;

	for (name = copy ? strtok_r(copy, ",", &save) : NULL; name;
	     name = strtok_r(NULL, ",", &save))
		config->view.resolve |= tcpt_value_resolve(tcpt_value_find(name));
	free(copy);
}

static void parse(struct config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	watch_check_count(&cli, config);
	if (config->output && !strcmp(config->output, "-"))
		config->output = NULL;
	if (config->follow && config->drain)
		cli_misuse(&cli, "--follow and --drain exclude each other");
	if (config->peek && (config->follow || config->drain))
		cli_misuse(&cli, "--peek and --%s exclude each other",
			   config->follow ? "follow" : "drain");
	config->drain |= config->peek;
	resolve_values(config, config->view.columns);
	resolve_values(config, config->tables.values);
	if (config->view.summary && config->types != WATCH_ALL_TYPES)
		cli_misuse(&cli, "--summary and --type exclude each other");
	if (config->view.summary)
		config->types = WATCH_GAPS | 1U << TCPT_EVENT_CLOSE;
}

#define NICE (-10)

/*
 * Busy programs fill the ring while they keep the reader from the processor. So it takes a
 * higher priority, if it may and if nobody has chosen another one.
 */
static void raise_priority(void)
{
	errno = 0;
	if (!getpriority(PRIO_PROCESS, 0) && !errno)
		setpriority(PRIO_PROCESS, 0, NICE);
}

PROGRAM_MAIN(watch)
{
	struct config config = { .pin = cli_default_pin(),
				 .tap = 1,
				 .types = WATCH_ALL_TYPES,
				 .view.time = WHEN_AS_USUAL };
	static struct signals signals;
	struct cli_log log;

	cli_begin(&log, &cli);
	parse(&config, argc, argv);
	signals_catch(&signals, !config.output); /* whoever sees the file may send SIGHUP */
	if (config.output && logfile_open(&cli, config.output))
		return CLI_FAILURE;
	watch_choose_messages(&config);
	raise_priority();
	return cli_close_stdout(&cli, watch(&cli, &config, &signals, &log.log));
}
