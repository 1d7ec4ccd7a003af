/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

static const char usage_text[] =
	"Usage: peer [OPTION]...\n"
	"Make TCP connections over loopback and print what really happened.\n"
	"\n"
	"  --cycles N             connect + accept + two closes, N times (100)\n"
	"  --clients N            client processes (1)\n"
	"  --servers N            server processes (1)\n"
	"  --threads N            threads in each client process (1)\n"
	"  --families LIST        of 4, 6 and m (v4-mapped), default 4,6,m\n"
	"  --payload BYTES        each way before the first close (1)\n"
	"  --close-first WHO      client, server or mixed (mixed)\n"
	"  --rate N               cycles a second, 0: no limit (0)\n"
	"  --refused N            N connects to closed ports\n"
	"  --unanswered N         N connects that nobody answers, given up after the\n"
	"                         refused ones\n"
	"  --blocked-acceptors N  instead of --cycles: N acceptors, spread over the\n"
	"                         servers, block on one listener before the banner,\n"
	"                         then each takes one connection; waits for a line\n"
	"                         on stdin unless --go-file is given\n"
	"  --mptcp                sockets of IPPROTO_MPTCP on both ends\n"
	"  --nested-netns         all of it in a new network namespace, with lo up\n"
	"  --go-file PATH         after the banner wait until PATH exists\n"
	"  --pause-file PATH      the same\n"
	"  --ready-fd FD          where the banner `peer: ready' goes (2)\n"
	"  --record FILE          where the record goes (stdout)\n"
	"  --deadline SEC         give up after so long (600)\n"
	"\n"
	"A record line: TYPE PID COMM SADDR SPORT DADDR DPORT NETNS, tabs between.\n"
	"Exit status: 0 when all was done, 1 on failure (no record), 2 on misuse.\n";

enum {
	OPT_FAMILIES = 256,
	OPT_FIRST,
	OPT_GO,
	OPT_RECORD,
	OPT_NETNS,
	OPT_MPTCP,
	OPT_HELP,
	OPT_NUMBER, /* and on: index into numbers[] */
};

/* Options that take a number: where it goes and what is allowed. */
static const struct number_option {
	const char *name;
	size_t offset;
	long least;
	long most;
} numbers[] = {
#define FIELD(name) offsetof(struct peer_options, name)
	{ "cycles", FIELD(cycles), 0, 10 * 1000 * 1000 },
	{ "clients", FIELD(clients), 1, 10000 },
	{ "servers", FIELD(servers), 1, 1000 },
	{ "threads", FIELD(threads), 1, 1000 },
	{ "payload", FIELD(payload), 0, INT_MAX },
	{ "rate", FIELD(rate), 0, 1000 * 1000 },
	{ "refused", FIELD(refused), 0, 1000 * 1000 },
	{ "unanswered", FIELD(unanswered), 0, 1000 },
	{ "blocked-acceptors", FIELD(blocked), 1, 10000 },
	{ "deadline", FIELD(deadline), 1, 1000 * 1000 },
	{ "ready-fd", FIELD(ready_fd), 0, INT_MAX },
#undef FIELD
};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

/* Numbers come before these. */
static const struct option others[] = {
	{ "families", required_argument, NULL, OPT_FAMILIES },
	{ "close-first", required_argument, NULL, OPT_FIRST },
	{ "go-file", required_argument, NULL, OPT_GO },
	{ "pause-file", required_argument, NULL, OPT_GO },
	{ "record", required_argument, NULL, OPT_RECORD },
	{ "mptcp", no_argument, NULL, OPT_MPTCP },
	{ "nested-netns", no_argument, NULL, OPT_NETNS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

#define N_OTHERS (sizeof(others) / sizeof(others[0]))

static void __attribute__((noreturn)) misuse(const char *what, const char *value)
{
	fprintf(stderr, "peer: %s%s%s\nTry 'peer --help'\n", what, value ? ": " : "",
		value ? value : "");
	exit(2);
}

static void parse_number(struct peer_options *opts, const struct number_option *number,
			 const char *text)
{
	long *field = (long *)((char *)opts + number->offset);
	char *end;

	errno = 0;
	*field = strtol(text, &end, 10);
	if (errno || end == text || *end || *field < number->least || *field > number->most)
		misuse(number->name, text);
}

static void parse_families(struct peer_options *opts, const char *text)
{
	static const char letters[FAMILIES + 1] = "46m";
	const char *at = text;

	opts->n_families = 0;
	for (;; at += 2) {
		const char *letter = *at ? strchr(letters, *at) : NULL;

		if (!letter || opts->n_families == FAMILIES || (at[1] && at[1] != ','))
			misuse("families", text);
		opts->families[opts->n_families++] = (enum family)(letter - letters);
		if (!at[1])
			return;
	}
}

static enum peer_first parse_first(const char *text)
{
	static const char *const names[] = { "client", "server", "mixed" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, names[i]))
			return (enum peer_first)i;
	misuse("close-first", text);
}

static void table_fill(struct option *table)
{
	for (size_t i = 0; i < N_NUMBERS; i++)
		table[i] = (struct option){ numbers[i].name, required_argument, NULL,
					    OPT_NUMBER + (int)i };
	memcpy(table + N_NUMBERS, others, sizeof(others));
}

static void parse_one(struct peer_options *opts, int option)
{
	switch (option) {
	case OPT_FAMILIES:
		parse_families(opts, optarg);
		break;
	case OPT_FIRST:
		opts->first = parse_first(optarg);
		break;
	case OPT_GO:
		opts->go_file = optarg;
		break;
	case OPT_RECORD:
		opts->record = optarg;
		break;
	case OPT_NETNS:
		opts->new_netns = true;
		break;
	case OPT_MPTCP:
		use_mptcp();
		break;
	case OPT_HELP:
		fputs(usage_text, stdout);
		exit(0);
	default:
		if (option < OPT_NUMBER) { /* getopt has said what is wrong */
			fputs("Try 'peer --help'\n", stderr);
			exit(2);
		}
		parse_number(opts, &numbers[option - OPT_NUMBER], optarg);
	}
}

void options_parse(struct peer_options *opts, int argc, char **argv)
{
	struct option table[N_NUMBERS + N_OTHERS];
	int option;

	*opts = (struct peer_options){
		.cycles = -1,
		.clients = 1,
		.servers = 1,
		.threads = 1,
		.payload = 1,
		.deadline = 600,
		.ready_fd = 2,
		.first = FIRST_MIXED,
		.families = { V4, V6, MAPPED },
		.n_families = FAMILIES,
	};
	table_fill(table);
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		parse_one(opts, option);
	if (optind < argc)
		misuse("unexpected argument", argv[optind]);
	if (opts->blocked && opts->cycles >= 0)
		misuse("--blocked-acceptors and --cycles exclude each other", NULL);
	if (opts->blocked)
		opts->cycles = opts->blocked;
	else if (opts->cycles < 0)
		opts->cycles = opts->refused || opts->unanswered ? 0 : 100;
}
