// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All programs in one file, to be carried to a machine where nothing can be installed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli.h"
#include "programs.h"
#include "spelling.h"
#include "suggestion.h"

struct config {
	const char *links;
};

static const struct cli cli = {
	.name = "tcpt",
	.synopsis = "PROGRAM [ARGUMENT]... | tcpt --links=DIR",
	.about = "Run a program of tcpt: audit, check, filter, guess, list, load, map, stat, "
		 "trace,\nunload or watch. A link to this file by the name tcpt-PROGRAM runs it "
		 "too.",
	.section = 7,
	.options =
		(const struct cli_option[]){
			CLI_GROUP("What to do"),
			{ 0, "links", "DIR", "make such links in DIR", cli_take_text,
			  CLI_TO(links) },
			{},
		},
	.examples =
		(const struct cli_example[]){
			{ "tcpt check", "does it work here, and what is to be done?" },
			{ "tcpt guess | tcpt load", "guess the offsets, and load" },
			{ "tcpt watch --help", "the options of tcpt-watch" },
			{},
		},
};

/* In the order of spelling_programs. */
static program_main *const mains[] = { audit_main, check_main,	filter_main, guess_main,
				       list_main,  load_main,	map_main,    stat_main,
				       trace_main, unload_main, watch_main };

/* Returns the function of the program of this name, with or without "tcpt-"; or NULL. */
static program_main *find_program(const char *name)
{
	if (!strncmp(name, "tcpt-", 5))
		name += 5;
	for (unsigned int i = 0; spelling_programs[i]; i++)
		if (!strcmp(name, spelling_programs[i]))
			return mains[i];
	return NULL;
}

static const char *file_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* One link by a program's name; what is there by that name stays, unless it is a link. */
static int make_link(const char *dir, const char *name, const char *target)
{
	char *path = NULL;
	int err = 0;

	if (asprintf(&path, "%s/tcpt-%s", dir, name) < 0)
		return -ENOMEM;
	if (readlink(path, (char[1]){}, 1) >= 0)
		unlink(path);
	if (symlink(target, path)) {
		err = -errno;
		cli_error(&cli, "cannot make the link %s: %s", path, strerror(-err));
	}
	free(path);
	return err;
}

static int make_links(const char *dir)
{
	char *target = realpath("/proc/self/exe", NULL);
	int err = target ? 0 : -errno;

	if (err)
		cli_error(&cli,
			  "cannot find this file, for it has links to be made to: "
			  "/proc/self/exe: %s",
			  strerror(-err));
	for (unsigned int i = 0; !err && spelling_programs[i]; i++)
		err = make_link(dir, spelling_programs[i], target);
	free(target);
	return err;
}

__attribute__((noreturn)) static void refuse(const char *name)
{
	struct suggestion suggestion;

	suggestion_begin(&suggestion, name, strlen(name));
	for (unsigned int i = 0; spelling_programs[i]; i++)
		suggestion_try(&suggestion, "", spelling_programs[i]);
	cli_misuse(&cli, "no program is named '%s'%s", name, suggestion.hint);
}

/* Lets the process have the program's name, as a link would. */
static void take_name(const char *program)
{
	char name[16]; /* of TASK_COMM_LEN bytes */

	snprintf(name, sizeof(name), "tcpt-%s",
		 !strncmp(program, "tcpt-", 5) ? program + 5 : program);
	prctl(PR_SET_NAME, name);
}

/* Called by its own name: the first argument is a program, or an option of this one. */
static int choose(int argc, char **argv)
{
	struct config config = {};
	struct cli_log log;
	program_main *program = argc > 1 ? find_program(argv[1]) : NULL;

	if (program) {
		spelling_with_blanks();
		take_name(argv[1]);
		return program(argc - 1, argv + 1);
	}
	cli_begin(&log, &cli);
	if (argc > 1 && *argv[1] != '-')
		refuse(argv[1]);
	cli_parse(&cli, &config, argc, argv);
	if (!config.links)
		cli_misuse(&cli, "no program is named");
	return cli_close_stdout(&cli, cli_status(make_links(config.links)));
}

int main(int argc, char **argv)
{
	program_main *program = argc > 0 ? find_program(file_of(argv[0])) : NULL;

	return program ? program(argc, argv) : choose(argc, argv);
}
