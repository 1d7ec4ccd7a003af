// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

enum { OPT_VIA = 256, OPT_EXPLAIN };

static const struct cli cli = {
	.name = "tcpt-guess",
	.synopsis = "[OPTION]...",
	.about = "Discover where the running kernel keeps the fields of its sockets.",
	.options =
		(const struct cli_option[]){
			{ OPT_VIA, "via", "HOOK", "auto, raw_tp or kprobe: how to read kernel memory" },
			{ OPT_EXPLAIN, "explain", NULL, "show on stderr how each field was decided" },
			{ 'f', "format", "FORM", "text, json, shell, c or btf (text)" },
			{ 'o', "output", "FILE", "write to FILE, whole or not at all; - for stdout (-)" },
			{ 'v', "verbose", NULL, "show what libbpf and the verifier say" },
			{},
		},
};

struct config {
	enum tcpt_via via;
	bool explain;
	enum tcpt_offsets_format format;
	const char *output;
	struct cli_log log;
};

static void parse_option(struct config *config, int key)
{
	static const char *const vias[] = { "auto", "raw_tp", "kprobe", NULL };
	static const char *const formats[] = { "text", "json", "shell", "c", "btf", NULL };

	switch (key) {
	case OPT_VIA:
		config->via = cli_choice(&cli, "via", optarg, vias);
		break;
	case OPT_EXPLAIN:
		config->explain = true;
		break;
	case 'f':
		config->format = cli_choice(&cli, "format", optarg, formats);
		break;
	case 'o':
		config->output = optarg;
		break;
	case 'v':
		config->log.verbose = true;
		break;
	}
}

static void parse(struct config *config, int argc, char **argv)
{
	int key;

	while ((key = cli_next(&cli, argc, argv)) != -1)
		parse_option(config, key);
	if (config->format == TCPT_OFFSETS_BTF && output_is_terminal(config->output))
		cli_misuse(&cli, "BTF is binary, and is not written to a terminal; use --output=FILE");
}

static int write_offsets(const struct config *config, const struct tcpt_offsets *offsets)
{
	void *data;
	size_t size;
	int err = tcpt_offsets_format(offsets, config->format, &data, &size);

	if (err) {
		cli_error(&cli, "cannot format the offsets: %s", strerror(-err));
		return err;
	}
	err = output_write(&cli, config->output, data, size);
	free(data);
	return err;
}

static void explain(const struct tcpt_guess *guess)
{
	char *text = guess ? tcpt_guess_explain(guess) : NULL;

	if (text)
		fputs(text, stderr);
	free(text);
}

int main(int argc, char **argv)
{
	struct config config = {};
	struct tcpt_guess_opts opts = { .size = sizeof(opts) };
	struct tcpt_guess *guess;
	int err;

	cli_log_init(&config.log, &cli);
	parse(&config, argc, argv);
	opts.via = config.via;
	opts.log = &config.log.log;
	err = tcpt_guess_run(&guess, &opts);
	if (config.explain)
		explain(guess);
	if (!err)
		err = write_offsets(&config, tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	return cli_close_stdout(&cli, cli_status(err));
}
