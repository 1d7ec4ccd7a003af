// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "listing.h"
#include "programs.h"
#include "signals.h"
#include "stream.h"

struct config {
	const char *pin;
	struct listing_options listing;
	struct cli_filters filters;
	uint64_t duration_ms;
	uint64_t num_lists;
	struct cli_log log;
};

static const struct cli cli = {
	.name = "tcpt-list",
	.synopsis = "[OPTION]...",
	.about = "List the connections that are open in a pinned trace, with live figures.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to list"),
			{ 0, "listen", NULL, "the sockets that listen, and not the connections",
			  cli_take_true, CLI_TO(listing.listeners) },
			{ 0, "filter", "KEY=VALUE,...",
			  "only what these select, as in dport=443 or pid!=1; repeatable",
			  cli_take_filters, CLI_TO(filters) },
			CLI_GROUP("How to print it"),
			{ 'f', "format", "FORMAT", "text, json or tsv (text)", cli_take_choice,
			  CLI_TO(listing.format), CLI_CHOICES("text", "json", "tsv") },
			{ 0, "columns", "NAME,...", "text: these columns, as in age,comm,remote",
			  cli_take_text, CLI_TO(listing.columns) },
			{ 0, "sort", "NAME",
			  "in the order of this column (id; with --interval rate)", cli_take_text,
			  CLI_TO(listing.sort) },
			{ 0, "no-heading", NULL, "text and tsv: without a heading", cli_take_true,
			  CLI_TO(listing.no_heading) },
			{ 0, "color", "WHEN", "text: auto (on a terminal), always or never",
			  cli_take_choice, CLI_TO(listing.color),
			  CLI_CHOICES("auto", "always", "never") },
			CLI_GROUP("More than once"),
			{ 0, "interval", "TIME", "list again so often, on a terminal in place",
			  cli_take_duration, CLI_TO(listing.interval_ms), .min = 10,
			  .max = 1000000000000 },
			{ 'n', "num-lists", "N", "with --interval: end after N lists",
			  cli_take_number, CLI_TO(num_lists), .min = 1, .max = UINT64_MAX },
			{ 0, "duration", "TIME", "with --interval: end after this time",
			  cli_take_duration, CLI_TO(duration_ms), .min = 1, .max = 1000000000000 },
			CLI_GROUP("Which trace"),
			CLI_PIN,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-list", "what is open now" },
			{ "tcpt-list --interval=2", "the busiest connections, like top" },
			{ "tcpt-list --filter=dport=5432 --sort=age", "the oldest to a database" },
			{ "tcpt-list --format=json | jq 'select(.retransmits > 0)'",
			  "for a script" },
			{},
		},
};

static void parse(struct config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	if (config->num_lists && !config->listing.interval_ms)
		cli_misuse(&cli, "--num-lists goes with --interval");
	if (config->duration_ms && !config->listing.interval_ms)
		cli_misuse(&cli, "--duration goes with --interval");
	for (size_t i = 0; i < config->filters.count; i++)
		if (config->filters.of[i].key == TCPT_FILTER_TYPE ||
		    config->filters.of[i].key == TCPT_FILTER_NOT_TYPE)
			cli_misuse(&cli, "--filter: a connection has no type");
}

/* ---- one list ---- */

static int read_list(const struct config *config, struct tcpt_list **list)
{
	const struct tcpt_list_opts opts = {
		.size = sizeof(opts),
		.pin = config->pin,
		.listeners = config->listing.listeners,
		.filters = config->filters.of,
		.filter_count = config->filters.count,
		.log = &config->log.log,
	};

	return tcpt_list_read(list, &opts);
}

/* A terminal gets the new list in the place of the old one, without a moment of neither. */
static void put_in_place(const char *text)
{
	fputs("\033[H", stdout);
	for (size_t size; *text; text += size + 1) {
		size = strcspn(text, "\n");
		printf("%.*s\033[K\n", (int)size, text);
	}
	fputs("\033[J", stdout);
}

static int put(const struct listing *listing, const char *text, bool is_first)
{
	const struct listing_options *options = listing->options;
	bool is_text = options->format == TCPT_FORMAT_TEXT;

	if (options->interval_ms && is_text && listing->terminal.is) {
		put_in_place(text);
	} else {
		if (is_text && !is_first)
			putchar('\n');
		fputs(text, stdout);
	}
	return fflush(stdout) ? -errno : 0;
}

static int print_list(const struct config *config, struct listing *listing,
		      struct tcpt_resolver *resolver, bool is_first)
{
	struct tcpt_list *list;
	struct text text = {};
	char *lines = NULL;
	int err = read_list(config, &list);

	if (err)
		return err;
	err = listing_write(listing, list, resolver, &text);
	tcpt_list_free(list);
	if (!err)
		lines = text_end(&text);
	if (lines)
		err = put(listing, lines, is_first);
	else
		cli_error(&cli, "cannot make the list: %s", strerror(ENOMEM));
	free(lines);
	return lines ? err : -ENOMEM;
}

/* ---- one after the other ---- */

static bool await_next(const struct config *config, struct signals *signals, uint64_t start_ms,
		       uint64_t next_ms)
{
	for (;;) {
		uint64_t now = stream_now_ms();
		int wait = stream_left_ms(config->duration_ms, start_ms,
					  next_ms > now ? (int)(next_ms - now) : 0);
		struct timespec time = { wait / 1000, wait % 1000 * 1000000L };

		signals_look(signals);
		if (signals->came || (config->duration_ms && now - start_ms >= config->duration_ms))
			return false;
		if (now >= next_ms)
			return true;
		ppoll(NULL, 0, &time, &signals->waiting);
	}
}

/* What takes long, on a host with many processes, does not take more than half of the time. */
static uint64_t next_after(uint64_t next_ms, uint64_t begin_ms)
{
	uint64_t now = stream_now_ms(), least = now + (now - begin_ms);

	return next_ms > least ? next_ms : least;
}

static int print_lists(const struct config *config, struct listing *listing,
		       struct tcpt_resolver *resolver)
{
	static struct signals signals;
	uint64_t start = stream_now_ms(), next = start, n = 0;
	int err;

	signals_catch(&signals, true);
	do {
		uint64_t begin = stream_now_ms();

		err = print_list(config, listing, resolver, !n);
		n++;
		next = next_after(next + config->listing.interval_ms, begin);
	} while (!err && n != config->num_lists && await_next(config, &signals, start, next));
	return err;
}

static int run(const struct config *config)
{
	struct tcpt_resolver *resolver = NULL;
	struct listing listing;
	int err;

	listing_open(&listing, &config->listing, &cli);
	err = tcpt_resolver_open(&resolver, listing.resolve, &config->log.log);
	if (err)
		return err;
	tcpt_resolver_use(resolver, config->pin, NULL); /* of what it lacks, the manual says it */
	if (config->listing.interval_ms)
		err = print_lists(config, &listing, resolver);
	else
		err = print_list(config, &listing, resolver, true);
	tcpt_resolver_close(resolver);
	listing_close(&listing);
	return err;
}

PROGRAM_MAIN(list)
{
	struct config config = { .pin = cli_default_pin() };
	enum cli_status status;

	cli_begin(&config.log, &cli);
	parse(&config, argc, argv);
	status = cli_status(run(&config));
	free(config.filters.of);
	return cli_close_stdout(&cli, status);
}
