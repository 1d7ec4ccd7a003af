// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "verify.h"

enum {
	OPT_VIA = 256,
	OPT_FIELDS,
	OPT_ONLY,
	OPT_EXPLAIN,
	OPT_DUMP,
	OPT_REPLAY,
	OPT_VERIFY
};

#define ONLY_MAX 64

static const struct cli cli = {
	.name = "tcpt-guess",
	.synopsis = "[OPTION]... [--verify [FILE]]",
	.about = "Discover where the running kernel keeps the fields of its sockets.",
	.operands = 1,
	.options =
		(const struct cli_option[]){
			{ OPT_VIA, "via", "HOOK",
			  "auto, raw_tp or kprobe: how to read kernel memory" },
			{ OPT_FIELDS, "fields", "WHICH",
			  "default, or all: total_retrans too, which takes seconds" },
			{ OPT_ONLY, "only", "FIELDS", "only these fields, separated by commas" },
			{ 'f', "format", "FORM", "text, json, shell, c or btf (text)" },
			{ 'o', "output", "FILE",
			  "write to FILE, whole or not at all; - for stdout (-)" },
			{ OPT_EXPLAIN, "explain", NULL,
			  "show on stderr how each field was decided" },
			{ OPT_DUMP, "dump", "DIR", "keep all snapshots in DIR" },
			{ OPT_REPLAY, "replay", "DIR",
			  "guess from the snapshots in DIR, not this kernel" },
			{ OPT_VERIFY, "verify", NULL,
			  "check the document FILE, or stdin, and print a table" },
			{ 'v', "verbose", NULL, "show what libbpf and the verifier say" },
			{},
		},
};

struct config {
	struct tcpt_guess_opts guess;
	const char *only[ONLY_MAX + 1];
	unsigned int onlys;
	enum tcpt_offsets_format format;
	const char *output;
	bool explain;
	bool verify;
	const char *file; /* to verify; NULL: stdin */
	const char *dump;
	struct cli_log log;
};

/* ---- options ---- */

static bool is_field(const char *name)
{
	for (unsigned int i = 0; tcpt_field_name(i); i++)
		if (!strcmp(tcpt_field_name(i), name))
			return true;
	return false;
}

static void add_only(struct config *config, char *list)
{
	char *rest = NULL;

	for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		if (!is_field(name))
			cli_misuse(&cli, "--only: no field is named '%s'", name);
		if (config->onlys == ONLY_MAX)
			cli_misuse(&cli, "--only: too many fields");
		config->only[config->onlys++] = name;
	}
	if (!config->onlys)
		cli_misuse(&cli, "--only: no field is named");
	config->guess.only = config->only;
}

static void parse_option(struct config *config, int key)
{
	static const char *const vias[] = { "auto", "raw_tp", "kprobe", NULL };
	static const char *const selections[] = { "default", "all", NULL };
	static const char *const formats[] = { "text", "json", "shell", "c", "btf", NULL };

	switch (key) {
	case 'f':
		config->format = cli_choice(&cli, "format", optarg, formats);
		break;
	case 'o':
		config->output = optarg;
		break;
	case OPT_VIA:
		config->guess.via = cli_choice(&cli, "via", optarg, vias);
		break;
	case OPT_FIELDS:
		config->guess.all_fields = cli_choice(&cli, "fields", optarg, selections);
		break;
	case OPT_ONLY:
		add_only(config, optarg);
		break;
	case OPT_EXPLAIN:
		config->explain = true;
		break;
	case OPT_DUMP:
		config->dump = optarg;
		break;
	case OPT_REPLAY:
		config->guess.replay = optarg;
		break;
	case OPT_VERIFY:
		config->verify = true;
		break;
	case 'v':
		config->log.verbose = true;
		break;
	}
}

/* No option is accepted and then ignored. */
static void check_together(const struct config *config)
{
	if (config->file && !config->verify)
		cli_misuse(&cli, "unexpected operand '%s'", config->file);
	if (config->dump && config->guess.replay)
		cli_misuse(&cli, "--dump and --replay exclude each other");
	if (config->guess.via && config->guess.replay)
		cli_misuse(&cli, "--via and --replay exclude each other");
	if (config->guess.all_fields && (config->guess.replay || config->guess.only))
		cli_misuse(&cli, "--fields=all goes with neither --replay nor --only");
	if (config->verify && (config->output || config->format))
		cli_misuse(&cli, "--verify prints a table; --output and --format are for offsets");
	if (config->format == TCPT_OFFSETS_BTF && output_is_terminal(config->output))
		cli_misuse(&cli,
			   "BTF is binary, and is not written to a terminal; use --output=FILE");
	if (config->verify && !config->file && isatty(STDIN_FILENO))
		cli_misuse(&cli, "--verify: stdin is a terminal, and the document comes "
				 "from stdin; name a FILE");
}

static void parse(struct config *config, int argc, char **argv)
{
	int key;

	while ((key = cli_next(&cli, argc, argv)) != -1)
		parse_option(config, key);
	config->file = argv[optind];
	check_together(config);
}

/* ---- results ---- */

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

static void explain(const struct config *config, const struct tcpt_guess *guess)
{
	bool json = config->format == TCPT_OFFSETS_JSON;
	char *text = tcpt_guess_explain(guess, json ? TCPT_EXPLAIN_JSON : TCPT_EXPLAIN_TEXT);

	if (text)
		fputs(text, stderr);
	free(text);
}

/* A guess that failed is all the more worth an explanation and a dump. */
static int guess(struct config *config)
{
	struct tcpt_guess *guess;
	int err = tcpt_guess_run(&guess, &config->guess), dump_err = 0;

	if (guess && config->explain)
		explain(config, guess);
	if (guess && config->dump)
		dump_err = tcpt_guess_dump(guess, config->dump, &config->log.log);
	if (config->verify && (!err || err == -EUCLEAN))
		err = verify_print(guess, &config->guess, &config->log.log) || err ? -EUCLEAN : 0;
	else if (!err)
		err = write_offsets(config, tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	return err ? err : dump_err;
}

static int read_document(struct config *config, struct tcpt_offsets **document)
{
	int fd = config->file ? open(config->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, err;

	if (fd < 0) {
		err = -errno;
		cli_error(&cli, "cannot open %s: %s", config->file, strerror(errno));
		return err == -EPERM ? -EACCES : err;
	}
	err = tcpt_offsets_read(document, fd, config->file ? config->file : "stdin",
				&config->log.log);
	if (config->file)
		close(fd);
	if (!err && !config->guess.replay)
		err = tcpt_offsets_check_kernel(*document, &config->log.log);
	return err;
}

int main(int argc, char **argv)
{
	struct config config = { .guess = { .size = sizeof(config.guess) } };
	struct tcpt_offsets *document = NULL;
	int err = 0;

	cli_begin(&config.log, &cli);
	config.guess.log = &config.log.log;
	parse(&config, argc, argv);
	if (config.verify)
		err = read_document(&config, &document);
	config.guess.verify = document;
	if (!err)
		err = guess(&config);
	tcpt_offsets_free(document);
	return cli_close_stdout(&cli, cli_status(err));
}
