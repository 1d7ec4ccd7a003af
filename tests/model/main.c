// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command line of the model: world.h says what it is. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explore.h"
#include "modes.h"
#include "scenarios.h"
#include "story.h"

static const struct option options[] = {
	{ "budget", required_argument, NULL, 'b' },
	{ "mode", required_argument, NULL, 'm' },
	{ "scenario", required_argument, NULL, 's' },
	{ "network", required_argument, NULL, 'n' },
	{ "replay", required_argument, NULL, 'r' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "mutation", required_argument, NULL, 'x' },
	{ "first", no_argument, NULL, 'f' },
	{ "list-modes", no_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{},
};

int mutation;

struct arguments {
	int budget;
	const char *mode;
	const char *scenario;
	int network; /* processor; -1: both */
	const char *replay;
	int verbose;
	int first; /* stop at the first failure */
};

static void usage(void)
{
	printf("Usage: model [--budget=N] [--mode=MODE] [--scenario=NAME] [--network=CPU] "
	       "[--verbose]\n"
	       "             [--first] [--mutation=N]\n"
	       "       model --list-modes\n"
	       "       model --mode=MODE --scenario=NAME --network=CPU --budget=N "
	       "--replay=CHOICES\n\n"
	       "Explore what the programs of bpf/ report in all runs with at most N deviations.\n\n"
	       "Exit status: 0 nothing found, 1 something found, 2 usage.\n");
}

static int list_modes(void)
{
	for (const struct mode *mode = modes; mode->name; mode++)
		puts(mode->name);
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* ---- choices as text ---- */

static void print_choices(const uint8_t *choices, int count)
{
	for (int i = 0; i < count; i++)
		putchar('0' + choices[i]);
	if (!count)
		putchar('-');
}

static int read_choices(const char *text, uint8_t *choices)
{
	int count = 0;

	for (; *text >= '0' && *text <= '9' && count < CHOICES; text++)
		choices[count++] = *text - '0';
	return count;
}

/* ---- one scenario ---- */

static void replay(int budget, const uint8_t *choices, int count)
{
	char title[200];

	snprintf(title, sizeof(title), "%s, mode %s, the network on processor %d, %d deviations",
		 scenario_now->name, mode_now->name, scenario_network_cpu, budget);
	story_begin(title);
	explore_replay(scenario_begin, budget, choices, count);
	printf("      %s\n", failure() ? failure() : "nothing is wrong");
}

static void report(const struct found *found)
{
	replay(found->budget, found->choices, found->count);
	printf("      again: model --mode=%s --scenario=%s --network=%d --budget=%d --replay=",
	       mode_now->name, scenario_now->name, scenario_network_cpu, found->budget);
	print_choices(found->choices, found->count);
	printf("\n\n");
}

static int explore_one(const struct arguments *args, struct found *sum)
{
	static struct found found;
	double began = seconds();

	memset(&found, 0, sizeof(found));
	if (args->budget < scenario_now->spare)
		return 0;
	explore(scenario_begin, args->budget - scenario_now->spare, &found);
	sum->runs += found.runs;
	sum->states += found.states;
	if (args->verbose)
		printf("  %-28s %d %10zu runs %10zu states %6.2f s%s\n", scenario_now->name,
		       scenario_network_cpu, found.runs, found.states, seconds() - began,
		       found.count >= 0 ? " FAILED" : "");
	if (found.count >= 0)
		report(&found);
	return found.count >= 0;
}

static int explore_mode(const struct arguments *args)
{
	static struct found sum;
	double began = seconds();
	int failed = 0, scenarios = 0;

	memset(&sum, 0, sizeof(sum));
	for (int i = 0; scenario_lists[i]; i++)
		for (scenario_now = scenario_lists[i];
		     scenario_fits(scenario_lists[i]) && scenario_now->name; scenario_now++) {
			if (args->scenario && strcmp(args->scenario, scenario_now->name))
				continue;
			scenarios++;
			for (int cpu = 0; cpu < 2; cpu++) {
				scenario_network_cpu = cpu;
				if ((args->network < 0 || args->network == cpu) &&
				    !(args->first && failed))
					failed += explore_one(args, &sum);
			}
		}
	printf("%-14s %3d scenarios %10zu runs %11zu states %7.1f s, %d failed\n", mode_now->name,
	       scenarios, sum.runs, sum.states, seconds() - began, failed);
	return failed;
}

static int replay_only(const struct arguments *args)
{
	static uint8_t choices[CHOICES];
	int count = read_choices(args->replay, choices);

	scenario_now = args->scenario ? scenario_find(args->scenario) : NULL;
	mode_now = args->mode ? mode_find(args->mode) : NULL;
	if (!scenario_now || !mode_now || args->network < 0) {
		fprintf(stderr, "model: --replay needs a mode, a scenario and --network\n");
		return 2;
	}
	scenario_network_cpu = args->network;
	replay(args->budget, choices, count);
	return failure() != NULL;
}

static int run(const struct arguments *args)
{
	int failed = 0;

	if (args->replay)
		return replay_only(args);
	for (mode_now = modes; mode_now->name; mode_now++)
		if (!args->mode || !strcmp(args->mode, mode_now->name))
			failed += explore_mode(args);
	return failed != 0;
}

static int set_option(struct arguments *args, int option)
{
	switch (option) {
	case 'b':
		args->budget = atoi(optarg);
		return 0;
	case 'm':
		args->mode = optarg;
		return 0;
	case 's':
		args->scenario = optarg;
		return 0;
	case 'n':
		args->network = atoi(optarg);
		return 0;
	case 'r':
		args->replay = optarg;
		return 0;
	case 'x':
		mutation = atoi(optarg);
		return 0;
	case 'f':
		args->first = 1;
		return 0;
	case 'v':
		args->verbose = 1;
		return 0;
	default:
		return -1;
	}
}

int main(int argc, char **argv)
{
	struct arguments args = { .budget = 2, .network = -1 };
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
		if (option == 'l')
			return list_modes();
		if (option == 'h') {
			usage();
			return 0;
		}
		if (set_option(&args, option)) {
			usage();
			return 2;
		}
	}
	return run(&args);
}
