// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "logfile.h"
#include "watch.h"

static cli_take take_types, take_resolve;

#define ALL_TYPES ~0U
#define GAPS (1U << TCPT_EVENT_LOST | 1U << TCPT_EVENT_OVERWRITTEN)
#define TIMES .min = 1, .max = 1000000000000 /* milliseconds */

static const struct cli cli = {
	.name = "tcpt-watch",
	.synopsis = "[OPTION]...",
	.about = "Print the events of a pinned trace, and take from it what was printed.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to print"),
			{ 'f', "format", "FORMAT", "text, json, tsv or tcptracer (text)",
			  cli_take_choice, CLI_TO(view.format),
			  CLI_CHOICES("text", "json", "tsv", "tcptracer") },
			{ 't', "type", "TYPE,...",
			  "print only these types: connect, accept, close, fail, fdinstall, "
			  "existing",
			  take_types, CLI_TO(types) },
			{ 0, "columns", "NAME,...", "text: these columns, as in time,comm,remote",
			  cli_take_text, CLI_TO(view.columns) },
			{ 0, "summary", NULL, "text: one line for each connection, at its close",
			  cli_take_true, CLI_TO(view.summary) },
			{ 0, "no-heading", NULL, "text: without a heading", cli_take_true,
			  CLI_TO(view.no_heading) },
			{ 0, "color", "WHEN", "text: auto (on a terminal), always or never",
			  cli_take_choice, CLI_TO(view.color),
			  CLI_CHOICES("auto", "always", "never") },
			{ 0, "time", "CLOCK",
			  "text and tsv: local, utc, unix, monotonic (since boot) or delta (since "
			  "the line before); local in text, monotonic ns in tsv",
			  cli_take_choice, CLI_TO(view.time),
			  CLI_CHOICES("local", "utc", "unix", "monotonic", "delta") },
			{ 'o', "output", "FILE",
			  "append to FILE, and open it again on SIGHUP, as for logrotate",
			  cli_take_text, CLI_TO(output) },
			{ 0, "resolve", "NAME,...",
			  "find names for what events have as numbers: user, cgroup, service, "
			  "container, exe, ppid, process, started",
			  take_resolve, CLI_TO(view.resolve) },
			{ 0, "count", "NAME,...",
			  "count events by these values, as in comm,daddr,dport, and print a table "
			  "at the end",
			  cli_take_text, CLI_TO(tables.values) },
			{ 0, "interval", "TIME", "with --count: print and begin a table so often",
			  cli_take_duration, CLI_TO(tables.interval_ms), TIMES },
			CLI_GROUP("When to end"),
			{ 'n', "num-events", "N", "end after N events", cli_take_number,
			  CLI_TO(num_events), .min = 1, .max = UINT64_MAX },
			{ 0, "duration", "TIME",
			  "end after this time, as in 2.5 (seconds), 500ms, 5m or 1h",
			  cli_take_duration, CLI_TO(duration_ms), TIMES },
			{ 0, "idle-timeout", "TIME", "end when no event has come for this time",
			  cli_take_duration, CLI_TO(idle_ms), TIMES },
			{ 0, "drain", NULL, "print the events that are there, and end",
			  cli_take_true, CLI_TO(drain) },
			{ 0, "peek", NULL,
			  "print the events that are there, leave them there, and end",
			  cli_take_true, CLI_TO(peek) },
			{ 0, "follow", NULL,
			  "wait for a trace, and when it has ended for the next one", cli_take_true,
			  CLI_TO(follow) },
			CLI_GROUP("For scripts"),
			{ 0, "fail-on-loss", NULL, "exit with status 1 if events were lost",
			  cli_take_true, CLI_TO(fail_on_loss) },
			{ 0, "banner", NULL, "print a line on stderr when ready", cli_take_true,
			  CLI_TO(banner) },
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

static void take_types(const struct cli *program, const struct cli_option *option, char *list,
		       void *to)
{
	const char *names[TCPT_EVENT_TYPES];
	unsigned int types = GAPS;
	char *save, *name = strtok_r(list, ",", &save);

	for (int type = TCPT_EVENT_CONNECT; type <= TCPT_EVENT_EXISTING; type++)
		names[type - TCPT_EVENT_CONNECT] = tcpt_event_type_name(type);
	names[TCPT_EVENT_EXISTING + 1 - TCPT_EVENT_CONNECT] = NULL;

	if (!name)
		cli_misuse(program, "--type: no type is given");
	for (; name; name = strtok_r(NULL, ",", &save))
		types |= 1U
			 << (TCPT_EVENT_CONNECT + cli_choice(program, option->name, name, names));
	*(unsigned int *)to = types;
}

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

static void check_count(const struct config *config)
{
	if (!config->tables.values && config->tables.interval_ms)
		cli_misuse(&cli, "--interval goes with --count");
	if (!config->tables.values)
		return;
	if (config->view.format == TCPT_FORMAT_TCPTRACER)
		cli_misuse(&cli, "--count has no --format=tcptracer");
	if (config->view.columns)
		cli_misuse(&cli, "--count and --columns exclude each other");
	if (config->view.summary)
		cli_misuse(&cli, "--count and --summary exclude each other");
	if (config->view.time != WHEN_AS_USUAL)
		cli_misuse(&cli, "--count and --time exclude each other");
	if (config->view.color == TERMINAL_COLOR_ALWAYS)
		cli_misuse(&cli, "--count has no colors");
}

static void parse(struct config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	check_count(config);
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
	if (config->view.summary && config->types != ALL_TYPES)
		cli_misuse(&cli, "--summary and --type exclude each other");
	if (config->view.summary)
		config->types = GAPS | 1U << TCPT_EVENT_CLOSE;
}

/* Makes messages JSON too, if they go to the same place as the events, such as a journal. */
static void choose_messages(const struct config *config)
{
	struct stat out, err;

	if (config->view.format == TCPT_FORMAT_JSON && !isatty(STDERR_FILENO) &&
	    !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
	    out.st_dev == err.st_dev && out.st_ino == err.st_ino)
		cli_messages_in_json();
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

int main(int argc, char **argv)
{
	struct config config = {
		.pin = cli_default_pin(), .tap = 1, .types = ALL_TYPES, .view.time = WHEN_AS_USUAL
	};
	static struct signals signals;
	struct cli_log log;

	cli_begin(&log, &cli);
	parse(&config, argc, argv);
	signals_catch(&signals, !config.output); /* whoever sees the file may send SIGHUP */
	if (config.output && logfile_open(&cli, config.output))
		return CLI_FAILURE;
	choose_messages(&config);
	raise_priority();
	return cli_close_stdout(&cli, watch(&cli, &config, &signals, &log.log));
}
