// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { OPT_VIA = 256, OPT_EXPLAIN };

static const struct cli cli = {
	.name = "tcpt-guess",
	.synopsis = "[OPTION]...",
	.about = "Discover where the running kernel keeps the fields of its sockets.",
	.options =
		(const struct cli_option[]){
			{ OPT_VIA, "via", "HOOK", "auto, raw_tp or kprobe: how to read kernel memory" },
			{ OPT_EXPLAIN, "explain", NULL, "show on stderr how each field was decided" },
			{ 'v', "verbose", NULL, "show what libbpf and the verifier say" },
			{},
		},
};

struct config {
	enum tcpt_via via;
	bool explain;
	struct cli_log log;
};

static void parse(struct config *config, int argc, char **argv)
{
	static const char *const vias[] = { "auto", "raw_tp", "kprobe", NULL };
	int key;

	while ((key = cli_next(&cli, argc, argv)) != -1) {
		switch (key) {
		case OPT_VIA:
			config->via = cli_choice(&cli, "via", optarg, vias);
			break;
		case OPT_EXPLAIN:
			config->explain = true;
			break;
		case 'v':
			config->log.verbose = true;
			break;
		}
	}
}

static int print_offsets(const struct tcpt_guess *guess)
{
	char *text = tcpt_offsets_text(tcpt_guess_offsets(guess));
	int err = text ? 0 : -errno;

	if (text)
		fputs(text, stdout);
	free(text);
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
		err = print_offsets(guess);
	tcpt_guess_free(guess);
	return cli_close_stdout(&cli, cli_status(err));
}
