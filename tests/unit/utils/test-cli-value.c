// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The values of options arrive where the table says, and nothing beside them is changed. */
#include <getopt.h>
#include <stdlib.h>

#include "../test.h"
#include "cli.h"

struct config {
	unsigned int before;
	bool on;
	unsigned int number;
	unsigned int between;
	uint64_t large;
	uint64_t size;
	uint64_t time;
	enum {
		RED,
		GREEN,
		BLUE
	} colour;
	bool second;
	unsigned int after;
	const char *text;
	struct cli_filters filters;
};

static const struct cli cli = {
	.name = "test",
	.operands = 1,
	.options =
		(const struct cli_option[]){
			{ 'y', "on", NULL, "", cli_take_true, CLI_TO(on) },
			{ 0, "off", NULL, "", cli_take_false, CLI_TO(on) },
			{ 'n', "number", "N", "", cli_take_number, CLI_TO(number), .min = 1,
			  .max = UINT32_MAX },
			{ 0, "large", "N", "", cli_take_number, CLI_TO(large), .max = UINT64_MAX },
			{ 0, "size", "SIZE", "", cli_take_size, CLI_TO(size), .min = 1 << 10,
			  .max = 1ULL << 40 },
			{ 't', "time", "TIME", "", cli_take_duration, CLI_TO(time), .min = 1,
			  .max = 1000000000000 },
			{ 0, "colour", "COLOUR", "", cli_take_choice, CLI_TO(colour),
			  CLI_CHOICES("red", "green", "blue") },
			{ 0, "second", "WHICH", "", cli_take_choice, CLI_TO(second),
			  CLI_CHOICES("first", "second") },
			{ 0, "text", "TEXT", "", cli_take_text, CLI_TO(text) },
			{ 0, "watch", "PID,...", "", cli_take_watched, CLI_TO(filters) },
			{},
		},
};

#define GUARD 0xa5a5a5a5

static struct config config;

/* A program's arguments, which getopt_long() may put in another order. */
static char words_of[4][64], *argv[5];

static void set_arguments(const char *const *arguments, int n)
{
	strcpy(words_of[0], "test");
	for (int i = 0; i < n; i++)
		snprintf(words_of[i + 1], sizeof(words_of[0]), "%s", arguments[i]);
	for (int i = 0; i <= n; i++)
		argv[i] = words_of[i];
	argv[n + 1] = NULL;
	config = (struct config){ .before = GUARD, .between = GUARD, .after = GUARD };
	optind = 1;
}

static void parse(const char *first, const char *second)
{
	int n = second ? 2 : 1;

	set_arguments((const char *const[]){ first, second }, n);
	cli_parse(&cli, &config, n + 1, argv);
	CHECK_INT(config.before, GUARD);
	CHECK_INT(config.between, GUARD);
	CHECK_INT(config.after, GUARD);
}

static void flags(void)
{
	parse("--on", NULL);
	CHECK(config.on);
	parse("-y", "--off");
	CHECK(!config.on);
	parse("--off", "-y");
	CHECK(config.on);
}

static void numbers(void)
{
	parse("--number=1", NULL);
	CHECK_INT(config.number, 1);
	parse("-n", "4294967295");
	CHECK_INT(config.number, UINT32_MAX);
	parse("--large=18446744073709551615", "--number=7");
	CHECK(config.large == UINT64_MAX);
	CHECK_INT(config.number, 7);
	parse("--large", "0");
	CHECK_INT(config.large, 0);
}

static void sizes(void)
{
	static const struct {
		const char *argument;
		uint64_t bytes;
	} cases[] = {
		{ "--size=1", 1024 },
		{ "--size=4096", 4194304 },
		{ "--size=64K", 65536 },
		{ "--size=8M", 8388608 },
		{ "--size=1G", 1073741824 },
		{ "--size=1024G", 1099511627776 },
		{ "--size=1.5M", 1572864 },
		{ "--size=0.5G", 536870912 },
		{ "--size=1048576", 1073741824 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parse(cases[i].argument, NULL);
		CHECK_INT(config.size, cases[i].bytes);
	}
}

static void durations(void)
{
	static const struct {
		const char *argument;
		uint64_t ms;
	} cases[] = {
		{ "--time=1", 1000 },
		{ "--time=2.5", 2500 },
		{ "--time=0.001", 1 },
		{ "--time=0.0015", 2 },
		{ "--time=1e3", 1000000 },
		{ "--time=1ms", 1 },
		{ "--time=500ms", 500 },
		{ "--time=5s", 5000 },
		{ "--time=5m", 300000 },
		{ "--time=1h", 3600000 },
		{ "--time=1d", 86400000 },
		{ "--time=1.5h", 5400000 },
		{ "-t0.25s", 250 },
		{ "--time=1000000000", 1000000000000 },
		{ "--time=11574d", 999993600000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parse(cases[i].argument, NULL);
		CHECK_INT(config.time, cases[i].ms);
	}
}

static void words(void)
{
	parse("--colour=blue", "--second=second");
	CHECK_INT(config.colour, BLUE);
	CHECK_INT(config.second, 1);
	parse("--colour=red", "--text=a b");
	CHECK_INT(config.colour, RED);
	CHECK_INT(config.second, 0);
	parse("--text=", NULL);
	CHECK_STR(config.text, "");
}

static void lists(void)
{
	parse("--watch=3,2147483647", "--watch=5");
	CHECK_INT(config.filters.count, 3);
	if (config.filters.count != 3)
		return;
	CHECK_INT(config.filters.of[0].value, 3);
	CHECK_INT(config.filters.of[1].value, 2147483647);
	CHECK_INT(config.filters.of[2].value, 5);
	free(config.filters.of);
}

/* Options behind an operand count as well, and a caller is told of each. */
static void each_option(void)
{
	set_arguments((const char *const[]){ "operand", "--on", "--number=3" }, 3);
	CHECK_STR(cli_next(&cli, &config, 4, argv)->name, "on");
	CHECK_INT(config.number, 0);
	CHECK_STR(cli_next(&cli, &config, 4, argv)->name, "number");
	CHECK(!cli_next(&cli, &config, 4, argv));
	CHECK_STR(argv[optind], "operand");
	CHECK(config.on && config.number == 3);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(flags), TEST(numbers), TEST(sizes),       TEST(durations),
		TEST(words), TEST(lists),   TEST(each_option),
	};

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
