/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all programs have in common: options, messages, exit statuses. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "tcpt.h"

enum cli_status {
	CLI_DONE = 0,
	CLI_FAILURE = 1,
	CLI_USAGE = 2,
	CLI_UNSUPPORTED = 3, /* the kernel or the privileges lack something */
};

struct cli_option {
	int key; /* the short option, or a number above 255 */
	const char *name;
	const char *argument; /* NULL if it takes none */
	const char *help;
};

struct cli {
	const char *name;
	const char *synopsis;
	const char *about;
	int operands; /* as many at most */
	const struct cli_option
		*options; /* ends with a NULL name; --help and --version are added */
};

/*
 * The next option's key, its argument in optarg; -1 behind the last. Answers
 * --help and --version itself; misuse ends the program.
 */
int cli_next(const struct cli *cli, int argc, char **argv);

/* One line and where to find help, then exit status 2. */
void cli_misuse(const struct cli *cli, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* A message of the program's own. */
void cli_error(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* From now on messages are lines of JSON, as tcpt_message_json() writes them. */
void cli_messages_in_json(void);

/*
 * Where the library sends its messages; debug ones are shown if verbose is set.
 * cli_begin() comes first in each program: it also makes writing fail, and not
 * end the program, where a file is too large, or a descriptor was closed.
 */
struct cli_log {
	const struct cli *cli;
	bool verbose;
	struct tcpt_log log;
};
void cli_begin(struct cli_log *log, const struct cli *cli);

/* The exit status for what a library function returned. */
enum cli_status cli_status(int err);

/* status, or failure if stdout could not be written. */
enum cli_status cli_close_stdout(const struct cli *cli, enum cli_status status);

/* Whether the caller wants this signal left alone, as nohup does with SIGHUP. */
bool cli_is_ignored(int signal);

/* Parse the argument of the option named, or end with misuse. */
uint64_t cli_number(const struct cli *cli, const char *option, const char *text, uint64_t min,
		    uint64_t max);
uint64_t cli_milliseconds(const struct cli *cli, const char *option, const char *text);
int cli_choice(const struct cli *cli, const char *option, const char *text,
	       const char *const *choices);

/* A list that options add to: KEY=VALUE,... or PID,...; the caller frees of. */
struct cli_filters {
	struct tcpt_filter *of;
	size_t count;
};
void cli_add_filters(const struct cli *cli, const char *option, const char *text,
		     struct cli_filters *list);
void cli_add_watched(const struct cli *cli, const char *option, const char *text,
		     struct cli_filters *list);
void cli_append_filters(struct cli_filters *list, const struct tcpt_filter *filters, size_t n);

#endif
