// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "output.h"

enum {
	OPT_PIN = 256,
	OPT_TAP,
};

static const struct cli cli = {
	.name = "tcpt-stat",
	.synopsis = "[OPTION]...",
	.about = "Show the state of a pinned trace: what it has counted, lost and missed.",
	.options =
		(const struct cli_option[]){
			{ 'f', "format", "FORMAT", "text, json or prometheus" },
			{ 'o', "output", "FILE",
			  "write to this file, whole or not at all (stdout)" },
			{ OPT_TAP, "tap", "N",
			  "show the ring, the reader and the losses of this tap (1)" },
			{ OPT_PIN, "pin", "DIR",
			  "where the trace is pinned (" TCPT_DEFAULT_PIN ")" },
			{},
		},
};

struct config {
	const char *pin;
	unsigned int tap;
	const char *output;
	enum tcpt_stat_format format;
	struct cli_log log;
};

static void parse_option(struct config *config, int key)
{
	static const char *const formats[] = { "text", "json", "prometheus", NULL };

	switch (key) {
	case 'f':
		config->format = cli_choice(&cli, "format", optarg, formats);
		break;
	case 'o':
		config->output = optarg;
		break;
	case OPT_TAP:
		config->tap = cli_number(&cli, "tap", optarg, 1, TCPT_TAPS_MAX);
		break;
	case OPT_PIN:
		config->pin = optarg;
		break;
	}
}

static void parse(struct config *config, int argc, char **argv)
{
	int key;

	while ((key = cli_next(&cli, argc, argv)) != -1)
		parse_option(config, key);
}

static int show(const struct config *config, const struct tcpt_stat *stat)
{
	char *text = tcpt_stat_format(stat, config->format);
	int err = -errno;

	if (!text) {
		cli_error(&cli, "cannot format the figures: %s", strerror(-err));
		return err;
	}
	if (config->format == TCPT_STAT_PROMETHEUS)
		umask(022); /* the exporter is another user, and reads it whole or not */
	err = output_write(&cli, config->output, text, strlen(text));
	free(text);
	return err;
}

static int run(const struct config *config)
{
	struct tcpt_stat *stat;
	int err = tcpt_stat_read(&stat, config->pin, config->tap, &config->log.log);

	if (err)
		return err;
	err = show(config, stat);
	tcpt_stat_free(stat);
	return err;
}

int main(int argc, char **argv)
{
	struct config config = { .pin = TCPT_DEFAULT_PIN, .tap = 1 };

	cli_begin(&config.log, &cli);
	parse(&config, argc, argv);
	return cli_close_stdout(&cli, cli_status(run(&config)));
}
