// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "programs.h"

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_NOT_GIVEN /* text */
};

struct config {
	const char *pin;
	enum format format;
	bool clear;
	struct cli_filters add;
	struct cli_filters remove;
	struct cli_log log;
};

static const struct cli cli = {
	.name = "tcpt-filter",
	.synopsis = "[OPTION]...",
	.about = "Show or edit the filters and the watched processes of a pinned trace.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to select"),
			{ 'a', "add", "KEY=VALUE,...",
			  "report only events that have one of these values, or with KEY!= "
			  "only others; KEY is pid, uid, comm, cgroup, netns, family, role, "
			  "saddr, sport, daddr, dport or type",
			  cli_take_filters, CLI_TO(add) },
			{ 'r', "remove", "KEY=VALUE,...", "remove these values from the filters",
			  cli_take_filters, CLI_TO(remove) },
			{ 0, "clear", NULL, "remove all values from the filters", cli_take_true,
			  CLI_TO(clear) },
			CLI_GROUP("Watched processes"),
			{ 0, "watch", "PID,...", "report the new descriptors of these processes",
			  cli_take_watched, CLI_TO(add) },
			{ 0, "unwatch", "PID,...", "report them no longer", cli_take_watched,
			  CLI_TO(remove) },
			CLI_GROUP("What to print"),
			{ 'f', "format", "FORMAT", "how to show the filters: text or json (text)",
			  cli_take_choice, CLI_TO(format), CLI_CHOICES("text", "json") },
			CLI_GROUP("Which trace"),
			CLI_PIN,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-filter", "show what is selected" },
			{ "tcpt-filter --add=dport=80,443",
			  "report only connections to these ports" },
			{ "tcpt-filter --clear --add=type=fail",
			  "instead, only connects that fail" },
			{},
		},
};

/* ---- options ---- */

static bool is_edit(const struct config *config)
{
	return config->clear || config->add.count || config->remove.count;
}

static void parse(struct config *config, int argc, char **argv)
{
	cli_parse(&cli, config, argc, argv);
	if (config->format != FORMAT_NOT_GIVEN && is_edit(config))
		cli_misuse(&cli, "--format goes with no edit: an edit shows nothing");
}

/* ---- showing ---- */

static void show_value(const struct tcpt_filter *filter, enum tcpt_format format)
{
	char value[TCPT_FILTER_VALUE_MAX];

	tcpt_filter_format(filter, format, value);
	fputs(value, stdout);
}

/* Prints one line for each key, in the form that --add takes. */
static void show_text(const struct tcpt_filter *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool starts = !i || list[i - 1].key != list[i].key;

		if (starts)
			printf("%s%s=", i ? "\n" : "", tcpt_filter_key_name(list[i].key));
		else
			putchar(',');
		show_value(&list[i], TCPT_FORMAT_TEXT);
	}
	if (n)
		putchar('\n');
}

/* Prints one object, in which every key has an array. */
static void show_json(const struct tcpt_filter *list, size_t n)
{
	size_t i = 0;

	for (int key = 0; key < TCPT_FILTER_KEYS; key++) {
		if (key > TCPT_FILTER_TYPE && key < TCPT_FILTER_WATCH &&
		    (i == n || (int)list[i].key != key))
			continue; /* of the keys that hide, those that have values */
		printf("%s\"%s\":[", key ? "," : "{", tcpt_filter_key_name(key));
		for (bool first = true; i < n && (int)list[i].key == key; i++, first = false) {
			if (!first)
				putchar(',');
			show_value(&list[i], TCPT_FORMAT_JSON);
		}
		putchar(']');
	}
	puts("}");
}

static int show(struct tcpt_filters *filters, enum format format)
{
	struct tcpt_filter *list;
	size_t n;
	int err = tcpt_filters_list(filters, &list, &n);

	if (err) {
		cli_error(&cli, "cannot list the filters: %s", strerror(-err));
		return err;
	}
	if (format == FORMAT_JSON)
		show_json(list, n);
	else
		show_text(list, n);
	free(list);
	return 0;
}

/* ---- editing ---- */

/* Removes all filters that are set, but no watched process. */
static int add_all(struct tcpt_filters *filters, struct cli_filters *remove)
{
	struct tcpt_filter *list;
	size_t n;
	int err = tcpt_filters_list(filters, &list, &n);

	if (err)
		return err;
	while (n && list[n - 1].key == TCPT_FILTER_WATCH)
		n--;
	cli_append_filters(&cli, remove, list, n);
	free(list);
	return 0;
}

static int edit(struct tcpt_filters *filters, struct config *config)
{
	struct tcpt_filters_edit edit = { .size = sizeof(edit) };
	int err = config->clear ? add_all(filters, &config->remove) : 0;

	edit.add = config->add.of;
	edit.add_count = config->add.count;
	edit.remove = config->remove.of;
	edit.remove_count = config->remove.count;
	return err ? err : tcpt_filters_edit(filters, &edit);
}

static int run(struct config *config)
{
	struct tcpt_filters *filters;
	int err = tcpt_filters_open(&filters, config->pin, &config->log.log);

	if (err)
		return err;
	err = is_edit(config) ? edit(filters, config) : show(filters, config->format);
	tcpt_filters_close(filters);
	return err;
}

PROGRAM_MAIN(filter)
{
	struct config config = { .pin = cli_default_pin(), .format = FORMAT_NOT_GIVEN };
	int err;

	cli_begin(&config.log, &cli);
	parse(&config, argc, argv);
	err = run(&config);
	free(config.add.of);
	free(config.remove.of);
	return cli_close_stdout(&cli, cli_status(err));
}
