// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "logfile.h"
#include "output.h"
#include "private.h"
#include "programs.h"
#include "subtree.h"
#include "summary.h"
#include "watch-options.h"

struct trace_config {
	struct config watch; /* first, for the options of tcpt-watch */
	struct private_offsets offsets;
	struct tcpt_load_opts load;
	struct cli_filters filters;
	struct cli_log log;
	bool summary;
	const char *expect; /* the file of a summary; NULL: none */
	char **argv; /* COMMAND; NULL: none */
};

#define TRACE_TO(member)                             \
	.to = offsetof(struct trace_config, member), \
	.size = sizeof(((struct trace_config *)0)->member)

static const struct cli cli = {
	.name = "tcpt-trace",
	.synopsis = "[OPTION]...\n       tcpt-trace [OPTION]... -- COMMAND [ARGUMENT]...",
	.about = "Trace connections, or those of COMMAND alone, and leave nothing behind.",
	.operands = INT_MAX,
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to print"),
			WATCH_FORMAT,
			WATCH_TYPE,
			WATCH_COLUMNS,
			WATCH_NO_HEADING,
			WATCH_COLOR,
			WATCH_TIME,
			WATCH_COUNT,
			WATCH_INTERVAL,
			{ 0, "summary", NULL,
			  "print at the end a line for each program, remote address, port and "
			  "outcome",
			  cli_take_true, TRACE_TO(summary) },
			{ 'o', "output", "FILE",
			  "append events to FILE; write a table or summary as the whole of FILE",
			  cli_take_text, CLI_TO(output) },
			CLI_GROUP("What to report"),
			{ 0, "filter", "KEY=VALUE,...",
			  "report only events that have one of these values; see tcpt-filter(8)",
			  cli_take_filters, TRACE_TO(filters) },
			{ 0, "no-existing", NULL,
			  "do not look for connections that are open already", cli_take_false,
			  TRACE_TO(load.existing) },
			CLI_GROUP("How to trace"),
			{ 0, "attach", "MODE", "auto, kprobe, fentry, tracepoint or cgroup (auto)",
			  cli_take_choice, TRACE_TO(load.attach),
			  CLI_CHOICES("auto", "kprobe", "fentry", "tracepoint", "cgroup") },
			{ 0, "cached", NULL,
			  "use kept offsets if they still hold; else guess, and keep them",
			  cli_take_true, TRACE_TO(offsets.cached) },
			{ 0, "cache-dir", "DIR", "where they are kept (" CACHE_DIR ")",
			  cli_take_text, TRACE_TO(offsets.cache_dir) },
			{ 0, "ring-size", "SIZE", "size of the event ring, as in 64K or 1G (8M)",
			  cli_take_size, TRACE_TO(load.ring_bytes), .min = 4 << 10,
			  .max = 1 << 30 },
			CLI_GROUP("When to end"),
			WATCH_NUM_EVENTS,
			WATCH_DURATION,
			WATCH_IDLE_TIMEOUT,
			CLI_GROUP("For scripts"),
			{ 0, "expect", "FILE",
			  "compare with a summary: print, and exit with 1, if there are new lines",
			  cli_take_text, TRACE_TO(expect) },
			WATCH_FAIL_ON_LOSS,
			WATCH_BANNER,
			CLI_GROUP("Diagnosis"),
			{ 'v', "verbose", NULL, "show what libbpf and the verifier say",
			  cli_take_true, TRACE_TO(log.verbose) },
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-trace", "events as they come, until Ctrl-C" },
			{ "tcpt-trace -- make", "the connections of a build" },
			{ "tcpt-trace --summary -f tsv -o net.tsv -- make",
			  "keep with whom it had connections" },
			{ "tcpt-trace --expect=net.tsv -- make",
			  "fail if it has connections with others" },
			{},
		},
};

/* ---- options ---- */

static bool is_filter_of(const struct cli_filters *filters, enum tcpt_filter_key key)
{
	for (size_t i = 0; i < filters->count; i++)
		if (filters->of[i].key == key)
			return true;
	return false;
}

static void check_summary(const struct trace_config *config)
{
	const struct config *watch = &config->watch;

	if (config->summary && config->expect)
		cli_misuse(&cli, "--summary and --expect exclude each other");
	if (!config->summary && !config->expect)
		return;
	if (config->expect && watch->view.format != TCPT_FORMAT_TEXT)
		cli_misuse(&cli, "--expect has no --format");
	if (watch->view.format == TCPT_FORMAT_TCPTRACER)
		cli_misuse(&cli, "--summary has no --format=tcptracer");
	if (watch->types != WATCH_ALL_TYPES || watch->view.columns || watch->tables.values ||
	    watch->view.time != WHEN_AS_USUAL || watch->view.color == TERMINAL_COLOR_ALWAYS)
		cli_misuse(&cli, "--%s excludes --type, --columns, --count, --time and --color",
			   config->summary ? "summary" : "expect");
}

static void check_command(const struct trace_config *config)
{
	if (config->argv && !config->load.existing)
		cli_misuse(&cli, "--no-existing is not for a COMMAND, which has no connections "
				 "before it starts");
	if (config->argv && is_filter_of(&config->filters, TCPT_FILTER_CGROUP))
		cli_misuse(&cli, "--filter=cgroup is not for a COMMAND, which has a cgroup of its "
				 "own");
}

static void check_cache(const struct trace_config *config)
{
	if (config->offsets.cache_dir && !*config->offsets.cache_dir)
		cli_misuse(&cli, "--cache-dir: no directory is given");
	if (config->offsets.cache_dir && !config->offsets.cached)
		cli_misuse(&cli, "--cache-dir goes with --cached only");
}

/* Without "--" an option of COMMAND would be taken for one of this program. */
static void take_command(struct trace_config *config, int argc, char **argv)
{
	if (optind == argc && !strcmp(argv[argc - 1], "--"))
		cli_misuse(&cli, "there is no COMMAND behind --");
	if (optind == argc)
		return;
	if (strcmp(argv[optind - 1], "--"))
		cli_misuse(&cli, "unexpected operand '%s'; COMMAND comes behind --", argv[optind]);
	config->argv = argv + optind;
}

static void parse(struct trace_config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	take_command(config, argc, argv);
	watch_check_count(&cli, &config->watch);
	check_summary(config);
	check_command(config);
	check_cache(config);
	if (!config->offsets.cache_dir)
		config->offsets.cache_dir = CACHE_DIR;
	if (config->watch.output && !strcmp(config->watch.output, "-"))
		config->watch.output = NULL;
}

/* ---- the trace ---- */

struct run {
	struct trace_config *config;
	struct command command;
	struct subtree subtree;
	struct summary summary;
	struct summary_expected expected;
	struct signals signals;
	struct tcpt_trace *trace;
};

static bool is_summed(const struct trace_config *config)
{
	return config->summary || config->expect;
}

static void add_to_summary(void *summary, const struct tcpt_event *event)
{
	summary_add(summary, event);
}

/* Makes the group of COMMAND, and selects it. */
static int make_subtree(struct run *run)
{
	struct tcpt_filter filter;
	int err = subtree_make(&run->subtree, run->command.pid, &cli);

	if (!err)
		err = subtree_filter(&run->subtree, &filter, &run->config->log.log);
	if (!err)
		cli_append_filters(&cli, &run->config->filters, &filter, 1);
	return err;
}

/* A summary has what was executed. A kernel may be able to trace, and not to see that. */
static int load_trace(struct run *run)
{
	struct trace_config *config = run->config;
	int err;

	config->load.processes = is_summed(config);
	err = private_load(&run->trace, &config->load, &config->offsets, &config->log);
	if (err != -EOPNOTSUPP || !config->load.processes)
		return err;
	cli_error(&cli, "warning: trying without a table of processes; of those that end soon "
			"exe will not be known");
	config->load.processes = false;
	return private_load(&run->trace, &config->load, &config->offsets, &config->log);
}

/*
 * The order matters. COMMAND is made first: it does not belong to the mount namespace. The
 * guardian of its group comes before the bpffs and the trace: it keeps neither.
 */
static int load(struct run *run)
{
	struct trace_config *config = run->config;
	int err = config->argv ? command_prepare(&run->command, config->argv, &cli) : 0;

	if (!err && config->watch.output && !is_summed(config))
		err = logfile_open(&cli, config->watch.output);
	if (!err)
		err = private_enter(&cli);
	if (!err && config->argv)
		err = make_subtree(run);
	if (!err)
		err = private_mount_bpffs(&cli);
	if (err)
		return err;
	config->load.existing &= !config->argv;
	config->load.filters = config->filters.of;
	config->load.filter_count = config->filters.count;
	return load_trace(run);
}

/* ---- its end ---- */

static enum cli_status write_text(const struct trace_config *config, char *text)
{
	int err;

	if (!text) {
		cli_error(&cli, "%s", strerror(ENOMEM));
		return CLI_FAILURE;
	}
	err = output_write(&cli, config->watch.output, text, strlen(text));
	free(text);
	return err ? CLI_FAILURE : CLI_DONE;
}

static enum cli_status print_summary(const struct run *run)
{
	const struct view_options *view = &run->config->watch.view;

	return write_text(run->config,
			  summary_format(&run->summary, view->format, !view->no_heading));
}

/* Says what is missing in the summary. */
static enum cli_status check_complete(const struct run *run)
{
	const struct summary *summary = &run->summary;

	if (!summary->lost && !summary->lacks_memory)
		return CLI_DONE;
	if (summary->lacks_memory)
		cli_error(&cli, "memory was short, so that the summary is not complete");
	else
		cli_error(&cli,
			  "%" PRIu64 " events were lost, so that %s; a larger --ring-size may help",
			  summary->lost,
			  run->config->expect ? "there is no verdict" :
						"the summary is not complete");
	return CLI_TOO_FEW;
}

static enum cli_status compare(const struct run *run)
{
	struct text text = {};
	size_t unexpected = summary_compare(&run->summary, &run->expected, &text);
	enum cli_status status;

	status = write_text(run->config, text_end(&text));
	if (status == CLI_DONE && unexpected) {
		cli_error(&cli, "%zu line%s not in %s", unexpected,
			  unexpected == 1 ? " is" : "s are", run->config->expect);
		return CLI_FAILURE;
	}
	return status;
}

static enum cli_status conclude(struct run *run, enum cli_status status)
{
	enum cli_status written, complete;

	if (!is_summed(run->config) || (status != CLI_DONE && status != CLI_TOO_FEW))
		return status;
	summary_end(&run->summary);
	complete = check_complete(run);
	if (run->config->expect && complete != CLI_DONE)
		return complete;
	written = run->config->expect ? compare(run) : print_summary(run);
	if (written != CLI_DONE)
		return written;
	return status == CLI_DONE && run->config->watch.fail_on_loss ? complete : status;
}

static enum cli_status trace(struct run *run)
{
	struct config *watched = &run->config->watch;
	enum cli_status status;

	signals_catch(&run->signals, !watched->output || is_summed(run->config));
	command_catch(&run->command, &run->signals);
	if (run->config->argv && command_go(&run->command, &cli))
		return CLI_COMMAND_FAILED;
	watched->pin = TCPT_DEFAULT_PIN;
	watched->ended = &run->command.has_ended;
	if (is_summed(run->config)) {
		watched->view.resolve = TCPT_RESOLVE_EXE;
		watched->take = add_to_summary;
		watched->take_arg = &run->summary;
	}
	watch_choose_messages(watched);
	status = conclude(run, watch(&cli, watched, &run->signals, &run->config->log.log));
	if (run->config->argv && !command_succeeded(&run->command, &cli) && status == CLI_DONE)
		return CLI_COMMAND_FAILED;
	return status;
}

static void end(struct run *run)
{
	tcpt_trace_close(run->trace);
	command_drop(&run->command);
	subtree_end(&run->subtree);
	tcpt_offsets_free(run->config->offsets.of);
	free(run->config->filters.of);
	summary_free(&run->summary);
	summary_expected_free(&run->expected);
}

PROGRAM_MAIN(trace)
{
	static struct trace_config config = {
		.watch = { .tap = 1, .types = WATCH_ALL_TYPES, .view.time = WHEN_AS_USUAL },
		.load.existing = true,
	};
	static struct run run = { .config = &config,
				  .command = { .go = -1, .why = -1 },
				  .subtree = SUBTREE_NONE };
	enum cli_status status;

	cli_begin(&config.log, &cli);
	parse(&config, argc, argv);
	if (config.expect && summary_read(&run.expected, config.expect, &cli))
		return CLI_FAILURE;
	status = cli_status(load(&run));
	if (status == CLI_DONE)
		status = trace(&run);
	status = cli_close_stdout(&cli, status); /* who reads that need not wait for what follows */
	end(&run);
	return status;
}
