/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts that all programs share: options, messages, exit statuses. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpt.h"

enum cli_status {
	CLI_DONE = 0,
	CLI_FAILURE = 1,
	CLI_USAGE = 2,
	CLI_UNSUPPORTED = 3, /* the kernel or the privileges lack something */
	CLI_TOO_FEW = 4, /* fewer events came than were asked for, or than happened */
	CLI_COMMAND_FAILED = 5, /* the command that the program has run */
};

struct cli;
struct cli_option;

/*
 * Takes the argument of an option, NULL if it was left out, and stores its value at to, the
 * option's place in the program's configuration. An argument that is no such value is misuse,
 * and ends the program.
 */
typedef void cli_take(const struct cli *cli, const struct cli_option *option, char *argument,
		      void *to);

struct cli_option {
	char key; /* the short option; 0 if it has none */
	const char *name;
	const char
		*argument; /* NULL if it takes none; "[=SIZE]" and the like: it may be left out */
	const char *help; /* in one line, which --help breaks */
	cli_take *take;
	size_t to, size; /* CLI_TO() of a member of the program's struct config */
	uint64_t min, max; /* of a number, bytes or milliseconds */
	const char *const *choices; /* ends with NULL */
};

#define CLI_TO(member) \
	.to = offsetof(struct config, member), .size = sizeof(((struct config *)0)->member)

/* clang-format off */
#define CLI_CHOICES(...) .choices = (const char *const[]){ __VA_ARGS__, NULL }

/* Makes a heading of --help. The options behind it are one group. */
#define CLI_GROUP(heading) { .help = heading }

/* Options of several programs. */
#define CLI_PIN \
	{ 0, "pin", "DIR", "where the trace is pinned (TCPT_PIN, or " TCPT_DEFAULT_PIN ")", \
	  cli_take_text, CLI_TO(pin) }
#define CLI_VERBOSE \
	{ 'v', "verbose", NULL, "show what libbpf and the verifier say", \
	  cli_take_true, CLI_TO(log.verbose) }
/* clang-format on */

struct cli_example {
	const char *command;
	const char *what;
};

struct cli {
	const char *name;
	const char *synopsis;
	const char *about;
	int section; /* of the manual; 0: 8 */
	int operands; /* the most that it takes */
	const struct cli_option *options; /* ends with {}; --help and --version are added */
	const struct cli_example *examples; /* the same */
};

/*
 * Takes the next option into config, and returns it; NULL behind the last, when optind
 * is the first operand. Answers --help and --version itself; misuse ends the program.
 */
const struct cli_option *cli_next(const struct cli *cli, void *config, int argc, char **argv);

/* Takes all options into config. */
void cli_parse(const struct cli *cli, void *config, int argc, char **argv);

/* Returns where a trace is pinned if --pin does not say it: TCPT_PIN, or TCPT_DEFAULT_PIN. */
const char *cli_default_pin(void);

/* Prints one line, and where to find help, and exits with status 2. */
void cli_misuse(const struct cli *cli, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* Prints a message of the program. */
void cli_error(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes messages lines of JSON from now on, as tcpt_message_json() writes them. */
void cli_messages_in_json(void);

/*
 * The log that the library sends its messages to. Debug messages are printed if verbose is
 * set. cli_begin() comes first in each program. It also makes sure that writing fails, and
 * does not end the program, if a file is too large or a descriptor was closed.
 */
struct cli_log {
	const struct cli *cli;
	bool verbose;
	struct tcpt_log log;
};
void cli_begin(struct cli_log *log, const struct cli *cli);

/* Returns the exit status for what a library function returned. */
enum cli_status cli_status(int err);

/* Returns status, or CLI_FAILURE if stdout could not be written. */
enum cli_status cli_close_stdout(const struct cli *cli, enum cli_status status);

/* Returns true if the program was started with this signal ignored, as nohup does with SIGHUP. */
bool cli_is_ignored(int signal);

/* ---- values of options ---- */

cli_take cli_take_text; /* const char *: the argument itself */
cli_take cli_take_true; /* bool */
cli_take cli_take_false;
cli_take cli_take_number; /* from min to max; an integer of any type */
cli_take cli_take_number_or_auto; /* the same; auto is the largest value of the type */
cli_take cli_take_size; /* a number of bytes: KiB, or with K, M or G; left out: none is stored */
cli_take cli_take_duration; /* a number of milliseconds: seconds, or with ms, s, m, h or d */
cli_take cli_take_choice; /* the index of a choice; an enum or an integer */

/* A list that options add to: KEY=VALUE,... or PID,... The caller frees of. */
struct cli_filters {
	struct tcpt_filter *of;
	size_t count;
};
cli_take cli_take_filters;
cli_take cli_take_watched;
void cli_append_filters(const struct cli *cli, struct cli_filters *list,
			const struct tcpt_filter *filters, size_t n);

/* These return a part of an argument, for an option that has more than one value. */
uint64_t cli_number(const struct cli *cli, const char *option, const char *text, uint64_t min,
		    uint64_t max);
int cli_choice(const struct cli *cli, const char *option, const char *text,
	       const char *const *choices);

#endif
