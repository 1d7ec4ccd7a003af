// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define OPTIONS_MAX 32

static const struct cli_option common[] = {
	{ 'h', "help", NULL, "show this help" },
	{ 'V', "version", NULL, "show the version" },
};

static unsigned int count_options(const struct cli *cli)
{
	unsigned int n = 0;

	while (cli->options[n].name)
		n++;
	return n;
}

/* ---- messages ---- */

static bool in_json;

void cli_messages_in_json(void)
{
	in_json = true;
}

/* An argument may have any character in it, as a name that the library knows may. */
static void vmessage(const struct cli *cli, const char *fmt, va_list ap)
{
	char *text = NULL, *line = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	line = in_json ? tcpt_message_json(cli->name, text) : tcpt_message_text(text);
	if (line && in_json)
		fputs(line, stderr);
	else if (line)
		fprintf(stderr, "%s: %s\n", cli->name, line);
	free(line);
	free(text);
}

void cli_error(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(cli, fmt, ap);
	va_end(ap);
}

static void try_help(const struct cli *cli)
{
	fprintf(stderr, "Try '%s --help'.\n", cli->name);
	exit(CLI_USAGE);
}

void cli_misuse(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(cli, fmt, ap);
	va_end(ap);
	try_help(cli);
	abort();
}

static void on_message(void *arg, enum tcpt_log_level level, const char *text)
{
	const struct cli_log *log = arg;

	if (level == TCPT_LOG_DEBUG && !log->verbose)
		return;
	cli_error(log->cli, "%s%s", level == TCPT_LOG_WARNING ? "warning: " : "", text);
}

/*
 * What is opened next would get the number of a closed one, and be written to as
 * if it were that. Reading from such a stdin and writing to such outputs fails.
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

/* ---- help ---- */

static void show_option(const struct cli_option *option)
{
	char left[64];
	int n = option->key < 256 ? snprintf(left, sizeof(left), "  -%c, ", option->key) :
				    snprintf(left, sizeof(left), "      ");

	snprintf(left + n, sizeof(left) - n, "--%s%s%s", option->name, option->argument ? "=" : "",
		 option->argument ? option->argument : "");
	printf("%-30s %s\n", left, option->help);
}

static void show_help(const struct cli *cli)
{
	printf("Usage: %s %s\n%s\n\n", cli->name, cli->synopsis, cli->about);
	for (const struct cli_option *option = cli->options; option->name; option++)
		show_option(option);
	for (unsigned int i = 0; i < 2; i++)
		show_option(&common[i]);
	printf("\nSee %s(8).\n", cli->name);
}

/* ---- options ---- */

static void add_long(struct option *to, const struct cli_option *from)
{
	*to = (struct option){ from->name, from->argument ? required_argument : no_argument, NULL,
			       from->key };
}

static char *add_short(char *p, const struct cli_option *option)
{
	if (option->key >= 256)
		return p;
	*p++ = option->key;
	if (option->argument)
		*p++ = ':';
	return p;
}

static const struct option *find_key(const struct option *longs, int key)
{
	while (longs->name && longs->val != key)
		longs++;
	return longs->name ? longs : NULL;
}

/* The beginning of several names, up to a value. */
static bool is_ambiguous(const struct option *longs, const char *text)
{
	size_t size = strcspn(text, "=");
	unsigned int n = 0;

	for (; longs->name; longs++)
		n += !strncmp(longs->name, text, size);
	return n > 1;
}

/*
 * getopt_long() would print arguments as they are. By its rules optopt is 0 where
 * text is a long option that it does not know, and else the option's key.
 */
static void refuse_option(const struct cli *cli, const struct option *longs, int key,
			  const char *text)
{
	const struct option *option = find_key(longs, optopt);
	bool is_long = !strncmp(text, "--", 2);

	if (key == ':' && is_long)
		cli_misuse(cli, "option '%s' requires an argument", text);
	if (key == ':')
		cli_misuse(cli, "option '-%c' requires an argument", optopt);
	if (!optopt && is_ambiguous(longs, text + 2))
		cli_misuse(cli, "option '%s' is ambiguous", text);
	if (!optopt)
		cli_misuse(cli, "unrecognized option '%s'", text);
	if (option)
		cli_misuse(cli, "option '--%s' takes no argument", option->name);
	cli_misuse(cli, "invalid option '-%c'", optopt);
}

static int parse_next(const struct cli *cli, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 3] = {};
	char shorts[2 * OPTIONS_MAX + 8], *p = shorts;
	int key;
	unsigned int n = count_options(cli);

	*p++ = ':'; /* so that what lacks an argument is told from what is not known */
	for (unsigned int i = 0; i < n && i < OPTIONS_MAX; i++) {
		add_long(&longs[i], &cli->options[i]);
		p = add_short(p, &cli->options[i]);
	}
	for (unsigned int i = 0; i < 2; i++) {
		add_long(&longs[n + i], &common[i]);
		p = add_short(p, &common[i]);
	}
	*p = '\0';
	opterr = 0;
	key = getopt_long(argc, argv, shorts, longs, NULL);
	if (key == '?' || key == ':')
		refuse_option(cli, longs, key, argv[optind - 1]);
	return key;
}

int cli_next(const struct cli *cli, int argc, char **argv)
{
	int key = parse_next(cli, argc, argv);

	if (key == 'h') {
		show_help(cli);
		exit(cli_close_stdout(cli, CLI_DONE));
	}
	if (key == 'V') {
		printf("%s %s\n", cli->name, PACKAGE_VERSION);
		exit(cli_close_stdout(cli, CLI_DONE));
	}
	if (key == -1 && argc - optind > cli->operands)
		cli_misuse(cli, "unexpected operand '%s'", argv[optind + cli->operands]);
	return key;
}

/* ---- arguments ---- */

uint64_t cli_number(const struct cli *cli, const char *option, const char *text, uint64_t min,
		    uint64_t max)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || number < min || number > max)
		cli_misuse(cli, "--%s: '%s' is not a number from %llu to %llu", option, text,
			   (unsigned long long)min, (unsigned long long)max);
	return number;
}

uint64_t cli_milliseconds(const struct cli *cli, const char *option, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (!isdigit((unsigned char)*text) || *end || !isfinite(seconds) || seconds < 0.001 ||
	    seconds > 1e9)
		cli_misuse(cli, "--%s: '%s' is not a number of seconds", option, text);
	return (uint64_t)(seconds * 1000 + 0.5);
}

int cli_choice(const struct cli *cli, const char *option, const char *text,
	       const char *const *choices)
{
	char list[128] = "";

	for (int i = 0; choices[i]; i++) {
		if (!strcmp(text, choices[i]))
			return i;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 choices[i]);
	}
	cli_misuse(cli, "--%s: '%s' is none of %s", option, text, list);
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
