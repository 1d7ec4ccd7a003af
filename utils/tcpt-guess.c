// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "document.h"
#include "suggestion.h"
#include "output.h"
#include "programs.h"
#include "verify.h"

#define ONLY_MAX 64

struct config {
	struct tcpt_guess_opts guess;
	const char *only[ONLY_MAX + 1];
	unsigned int onlys;
	enum tcpt_offsets_format format;
	const char *output;
	bool explain;
	bool verify;
	const char *file; /* the document to verify; NULL: stdin */
	const char *dump;
	struct cli_log log;
};

static cli_take take_only;

static const struct cli cli = {
	.name = "tcpt-guess",
	.synopsis = "[OPTION]... [--verify [FILE]]",
	.about = "Discover where the running kernel keeps the fields of its sockets.",
	.operands = 1,
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to guess"),
			{ 0, "fields", "WHICH",
			  "default, or all: total_retrans too, which takes seconds",
			  cli_take_choice, CLI_TO(guess.all_fields),
			  CLI_CHOICES("default", "all") },
			{ 0, "only", "FIELDS", "only these fields, separated by commas",
			  .take = take_only },
			{ 0, "via", "HOOK",
			  "how to read kernel memory: auto, raw_tp or kprobe (auto)",
			  cli_take_choice, CLI_TO(guess.via),
			  CLI_CHOICES("auto", "raw_tp", "kprobe") },
			CLI_GROUP("What to write"),
			{ 'f', "format", "FORM", "text, json, shell, c or btf (text)",
			  cli_take_choice, CLI_TO(format),
			  CLI_CHOICES("text", "json", "shell", "c", "btf") },
			{ 'o', "output", "FILE",
			  "write to FILE, whole or not at all; - for stdout (-)", cli_take_text,
			  CLI_TO(output) },
			CLI_GROUP("Snapshots and documents"),
			{ 0, "dump", "DIR", "keep all snapshots in DIR", cli_take_text,
			  CLI_TO(dump) },
			{ 0, "replay", "DIR", "guess from the snapshots in DIR, not this kernel",
			  cli_take_text, CLI_TO(guess.replay) },
			{ 0, "verify", NULL, "check the document FILE, or stdin, and print a table",
			  cli_take_true, CLI_TO(verify) },
			CLI_GROUP("Diagnosis"),
			{ 0, "explain", NULL, "show on stderr how each field was decided",
			  cli_take_true, CLI_TO(explain) },
			CLI_VERBOSE,
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-guess | tcpt-load", "trace this kernel" },
			{ "tcpt-guess --explain --only=skc_dport", "how one field was decided" },
			{ "tcpt-guess --verify offsets", "check a document that was kept" },
			{},
		},
};

/* ---- options ---- */

/* Returns the field of this name; that of the member alone is enough. */
static const char *find_field(const char *name)
{
	const char *field, *member;
	struct suggestion suggestion;

	suggestion_begin(&suggestion, name, strlen(name));
	for (unsigned int i = 0; (field = tcpt_field_name(i)); i++) {
		member = strrchr(field, '.') + 1;
		if (!strcmp(field, name) || !strcmp(member, name))
			return field;
		suggestion_try(&suggestion, "", member);
		suggestion_try(&suggestion, "", field);
	}
	cli_misuse(&cli, "--only: no field is named '%s'%s", name, suggestion.hint);
}

/* The whole configuration is where it goes. */
static void take_only(const struct cli *program, const struct cli_option *option, char *list,
		      void *to)
{
	struct config *config = to;
	char *rest = NULL;

	for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		if (config->onlys == ONLY_MAX)
			cli_misuse(&cli, "--only: too many fields");
		config->only[config->onlys++] = find_field(name);
	}
	if (!config->onlys)
		cli_misuse(&cli, "--only: no field is named");
	config->guess.only = config->only;
}

/* Refuses options that would be ignored. */
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
	cli_parse(&cli, config, argc, argv);
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

/* A guess that failed is explained and dumped too. */
static int guess(struct config *config)
{
	struct tcpt_guess *guess;
	int err = tcpt_guess_run(&guess, &config->guess), dump_err = 0;

	if (guess && config->explain)
		explain(config, guess);
	if (guess && config->dump)
		dump_err = tcpt_guess_dump(guess, config->dump, &config->log.log);
	if (config->verify && (!err || err == -EUCLEAN))
		err = verify_print(guess, &config->guess, &cli) || err ? -EUCLEAN : 0;
	else if (!err)
		err = write_offsets(config, tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	return err ? err : dump_err;
}

static int read_document(struct config *config, struct tcpt_offsets **document)
{
	const char *name;
	int fd = document_open(&cli, config->file ? config->file : "-", &name), err;

	if (fd < 0)
		return fd;
	err = tcpt_offsets_read(document, fd, name, &config->log.log);
	close(fd);
	if (!err && !config->guess.replay)
		err = tcpt_offsets_check_kernel(*document, &config->log.log);
	return err;
}

PROGRAM_MAIN(guess)
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
