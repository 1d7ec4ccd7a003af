// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli-help.h"
#include "cli.h"
#include "spelling.h"
#include "suggestion.h"

#define OPTIONS_MAX 32

/* ---- messages ---- */

static bool in_json;

void cli_messages_in_json(void)
{
	in_json = true;
}

/* Prints a message. Arguments, and names from the library, may have any character in them. */
static void vmessage(const struct cli *cli, const char *fmt, va_list ap)
{
	char *text = NULL, *line = NULL, *spelled, *name = spelling_of(cli->name);

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	spelled = text ? spelling_of(text) : NULL;
	if (spelled)
		line = in_json ? tcpt_message_json(cli->name, spelled) : tcpt_message_text(spelled);
	if (line && in_json)
		fputs(line, stderr);
	else if (line)
		fprintf(stderr, "%s: %s\n", name ? name : cli->name, line);
	free(line);
	free(spelled);
	free(text);
	free(name);
}

void cli_error(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(cli, fmt, ap);
	va_end(ap);
}

__attribute__((noreturn)) static void try_help(const struct cli *cli)
{
	char *name = spelling_of(cli->name);

	fprintf(stderr, "Try '%s --help'.\n", name ? name : cli->name);
	free(name);
	exit(CLI_USAGE);
}

void cli_misuse(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(cli, fmt, ap);
	va_end(ap);
	try_help(cli);
}

static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	const struct cli_log *log = arg;

	if (level == TCPT_LOG_DEBUG && !log->verbose)
		return;
	cli_error(log->cli, "%s%s", level == TCPT_LOG_WARNING ? "warning: " : "", text);
}

/*
 * Opens stdin, stdout and stderr if they are closed, so that reading and writing there
 * fails. Otherwise a file opened later would get their number, and be written to.
 */
static void open_closed_descriptors(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) < 0)
			return;
}

void cli_begin(struct cli_log *log, const struct cli *cli)
{
	open_closed_descriptors();
	signal(SIGXFSZ, SIG_IGN); /* so that a write says EFBIG */
	*log = (struct cli_log){ .cli = cli, .log = { on_message, log } };
}

/* ---- options ---- */

/* Returns the key for getopt_long(). An option without a short one has its number instead. */
static int key_of(const struct cli_option *option, unsigned int i)
{
	return option->key ? option->key : 256 + (int)i;
}

static const struct cli_option *find_key(const struct cli *cli, int key)
{
	const struct cli_option *option;

	for (unsigned int i = 0; (option = cli_option_at(cli, i)); i++)
		if (key_of(option, i) == key)
			break;
	return option;
}

/* Refuses a long option that is none, or the beginning of several; its value is left out. */
__attribute__((noreturn)) static void refuse_name(const struct cli *cli, const char *text)
{
	const struct cli_option *option;
	size_t size = strcspn(text, "=");
	char list[256] = "";
	struct suggestion suggestion;

	suggestion_begin(&suggestion, text + 2, size - 2);
	for (unsigned int i = 0; (option = cli_option_at(cli, i)); i++) {
		if (!option->name)
			continue;
		suggestion_try(&suggestion, "--", option->name);
		if (!strncmp(option->name, text + 2, size - 2))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s--%s",
				 *list ? ", " : "", option->name);
	}
	if (*list && size > 2)
		cli_misuse(cli, "option '%s' is ambiguous: %s", text, list);
	cli_misuse(cli, "unrecognized option '%s'%s", text, suggestion.hint);
}

/*
 * Refuses an option with a message, because getopt_long() would print arguments as they
 * are. By its rules optopt is 0 if text is a long option that it does not know; otherwise
 * it is the option's key.
 */
static void refuse_option(const struct cli *cli, int key, const char *text)
{
	const struct cli_option *option = find_key(cli, optopt);
	bool is_long = !strncmp(text, "--", 2);

	if (key == ':' && is_long)
		cli_misuse(cli, "option '%s' requires an argument", text);
	if (key == ':')
		cli_misuse(cli, "option '-%c' requires an argument", optopt);
	if (!optopt)
		refuse_name(cli, text);
	if (option)
		cli_misuse(cli, "option '--%s' takes no argument", option->name);
	cli_misuse(cli, "invalid option '-%c'", optopt);
}

static int arguments_of(const struct cli_option *option)
{
	if (!option->argument)
		return no_argument;
	return *option->argument == '[' ? optional_argument : required_argument;
}

static int parse_next(const struct cli *cli, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1] = {}, *to = longs;
	char shorts[2 * OPTIONS_MAX + 2], *p = shorts;
	const struct cli_option *option;

	*p++ = ':'; /* distinguishes a missing argument from an unknown option */
	for (unsigned int i = 0; to < longs + OPTIONS_MAX && (option = cli_option_at(cli, i));
	     i++) {
		if (!option->name)
			continue;
		to->name = option->name;
		to->has_arg = arguments_of(option);
		to->val = key_of(option, i);
		to++;
		if (option->key)
			p = stpcpy(p, (char[]){ option->key, option->argument ? ':' : '\0', '\0' });
	}
	*p = '\0';
	opterr = 0;
	return getopt_long(argc, argv, shorts, longs, NULL);
}

const struct cli_option *cli_next(const struct cli *cli, void *config, int argc, char **argv)
{
	int key = parse_next(cli, argc, argv);
	const struct cli_option *option = key == -1 ? NULL : find_key(cli, key);

	if (key == '?' || key == ':')
		refuse_option(cli, key, argv[optind - 1]);
	if (option)
		option->take(cli, option, optarg, (char *)config + option->to);
	else if (argc - optind > cli->operands)
		cli_misuse(cli, "unexpected operand '%s'", argv[optind + cli->operands]);
	return option;
}

void cli_parse(const struct cli *cli, void *config, int argc, char **argv)
{
	while (cli_next(cli, config, argc, argv))
		;
}

const char *cli_default_pin(void)
{
	const char *pin = secure_getenv("TCPT_PIN");

	return pin && *pin ? pin : TCPT_DEFAULT_PIN;
}

/* ---- ending ---- */

bool cli_is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

enum cli_status cli_status(int err)
{
	if (!err)
		return CLI_DONE;
	return err == -EPERM || err == -EOPNOTSUPP || err == -ENOSYS ? CLI_UNSUPPORTED :
								       CLI_FAILURE;
}

enum cli_status cli_close_stdout(const struct cli *cli, enum cli_status status)
{
	if (!ferror(stdout) && !fclose(stdout))
		return status;
	cli_error(cli, "cannot write to stdout: %s", strerror(errno));
	return CLI_FAILURE;
}
