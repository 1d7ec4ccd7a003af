// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "ends.h"
#include "graph.h"
#include "output.h"
#include "programs.h"

struct config {
	enum graph_format format;
	enum ends_by by;
	const char *output;
};

static const struct cli cli = {
	.name = "tcpt-map",
	.synopsis = "[OPTION]... [FILE]...",
	.about = "Draw who talks to whom, from events of one or many hosts in JSON.",
	.operands = INT_MAX,
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to draw"),
			{ 0, "by", "WHAT",
			  "nodes are programs, by comm or exe; container; or host (comm)",
			  cli_take_choice, CLI_TO(by),
			  CLI_CHOICES("comm", "exe", "container", "host") },
			{ 'f', "format", "FORMAT", "dot, mermaid or json (dot)", cli_take_choice,
			  CLI_TO(format), CLI_CHOICES("dot", "mermaid", "json") },
			{ 'o', "output", "FILE", "write to FILE instead of stdout", cli_take_text,
			  CLI_TO(output) },
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt-watch -f json --duration=10 | tcpt-map | dot -Tsvg",
			  "ten seconds as a picture" },
			{ "tcpt-map --by=host --format=mermaid a.json b.json",
			  "which hosts talk to which" },
			{},
		},
};

/* Reads a stream. What a reader that was killed has left of its last line is passed over. */
static int read_lines(struct ends *ends, FILE *file, const char *name)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int err = 0;

	ends_begin(ends);
	for (uint64_t number = 1; !err && (size = getline(&line, &room, file)) > 0; number++) {
		bool is_whole = line[size - 1] == '\n';

		if (size == 1 || ends_take(ends, line))
			continue;
		err = is_whole ? -EINVAL : 0;
		cli_error(&cli, "%s%s:%" PRIu64 ": %s", is_whole ? "" : "warning: ", name, number,
			  is_whole ? "not an object of JSON, as tcpt-watch --format=json prints "
				     "them" :
				     "the last line is not finished, and is left out");
	}
	if (!err && ferror(file)) {
		err = -EIO;
		cli_error(&cli, "cannot read %s: %s", name, strerror(errno));
	}
	free(line);
	return err;
}

static int read_file(struct ends *ends, const char *path)
{
	FILE *file;
	int err;

	if (!strcmp(path, "-"))
		return read_lines(ends, stdin, "stdin");
	file = fopen(path, "re");
	if (!file) {
		err = -errno;
		cli_error(&cli, "cannot open %s: %s", path, strerror(-err));
		return err == -EPERM ? -EACCES : err;
	}
	err = read_lines(ends, file, path);
	fclose(file);
	return err;
}

static int draw(const struct config *config, struct ends *ends)
{
	struct graph graph = {};
	char *text = NULL;
	int err = -ENOMEM;

	graph_make(&graph, ends);
	if (!graph.lacks_memory)
		text = graph_write(&graph, config->format);
	if (text)
		err = output_write(&cli, config->output, text, strlen(text));
	else
		cli_error(&cli, "%s", strerror(ENOMEM));
	if (!err && graph.lost)
		cli_error(&cli,
			  "warning: %" PRIu64 " events were lost, so that some of it is missing",
			  graph.lost);
	free(text);
	graph_free(&graph);
	return err;
}

PROGRAM_MAIN(map)
{
	struct config config = {};
	struct ends ends = {};
	struct cli_log log;
	int err = 0;

	cli_begin(&log, &cli);
	cli_parse(&cli, &config, argc, argv);
	ends.by = config.by;
	if (optind == argc && isatty(STDIN_FILENO))
		cli_misuse(&cli,
			   "stdin is a terminal, and the events come from stdin; run it behind "
			   "'tcpt-watch -f json |'");
	if (optind == argc)
		err = read_file(&ends, "-");
	while (!err && optind < argc)
		err = read_file(&ends, argv[optind++]);
	if (!err)
		err = draw(&config, &ends);
	ends_free(&ends);
	return cli_close_stdout(&cli, err ? CLI_FAILURE : CLI_DONE);
}
