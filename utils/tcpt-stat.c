// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "output.h"
#include "programs.h"

struct config {
	const char *pin;
	unsigned int tap;
	const char *output;
	enum tcpt_stat_format format;
	bool all;
	struct cli_log log;
};

static const struct cli cli = {
	.name = "tcpt-stat",
	.synopsis = "[OPTION]...",
	.about = "Show the state of a pinned trace: what it has counted, lost and missed.",
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to print"),
			{ 'f', "format", "FORMAT", "text, json or prometheus (text)",
			  cli_take_choice, CLI_TO(format),
			  CLI_CHOICES("text", "json", "prometheus") },
			{ 0, "all", NULL,
			  "text: also the figures of processors and programs, and offsets",
			  cli_take_true, CLI_TO(all) },
			{ 'o', "output", "FILE", "write to this file, whole or not at all (stdout)",
			  cli_take_text, CLI_TO(output) },
			CLI_GROUP("Which trace"),
			{ 0, "tap", "N", "show the ring, the reader and the losses of this tap (1)",
			  cli_take_number, CLI_TO(tap), .min = 1, .max = TCPT_TAPS_MAX },
			CLI_PIN,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-stat", "for people" },
			{ "tcpt-stat --format=json | jq .sum.lost", "one figure, for a script" },
			{ "tcpt-stat -f prometheus -o /var/lib/prometheus/node-exporter/tcpt.prom",
			  "figures for the textfile collector" },
			{},
		},
};

static int show(const struct config *config, const struct tcpt_stat *stat)
{
	char *text = tcpt_stat_format(stat, config->format);
	int err = -errno;

	if (!text) {
		cli_error(&cli, "cannot format the figures: %s", strerror(-err));
		return err;
	}
	if (config->format == TCPT_STAT_PROMETHEUS)
		umask(022); /* the exporter, which reads it, is another user */
	err = output_write(&cli, config->output, text, strlen(text));
	free(text);
	return err;
}

/* Every trace has tap 1. */
static bool is_loaded(const char *pin)
{
	struct tcpt_stat *stat;
	int err = tcpt_stat_read(&stat, pin, 1, NULL);

	if (!err)
		tcpt_stat_free(stat);
	return err != -ENOENT;
}

static int run(const struct config *config)
{
	struct tcpt_stat *stat;
	int err;

	if (config->format == TCPT_STAT_PROMETHEUS && !is_loaded(config->pin))
		return show(config, NULL); /* an exporter must not go on with old figures */
	err = tcpt_stat_read(&stat, config->pin, config->tap, &config->log.log);
	if (err)
		return err;
	err = show(config, stat);
	tcpt_stat_free(stat);
	return err;
}

PROGRAM_MAIN(stat)
{
	struct config config = { .pin = cli_default_pin(), .tap = 1 };

	cli_begin(&config.log, &cli);
	cli_parse(&cli, &config, argc, argv);
	if (config.all && config.format != TCPT_STAT_TEXT)
		cli_misuse(&cli, "--all is for --format=text only; the others show all of it");
	if (config.all)
		config.format = TCPT_STAT_ALL;
	return cli_close_stdout(&cli, cli_status(run(&config)));
}
