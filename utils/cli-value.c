// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The values of options: reading the arguments and storing the values. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "suggestion.h"

/* Stores value in an integer of any type, an enum or a bool. */
static void store(const struct cli_option *option, void *to, uint64_t value)
{
	if (option->size == sizeof(bool))
		*(bool *)to = value;
	else if (option->size == sizeof(uint32_t))
		*(uint32_t *)to = value;
	else
		*(uint64_t *)to = value;
}

void cli_take_text(const struct cli *cli, const struct cli_option *option, char *argument, void *to)
{
	*(const char **)to = argument;
}

void cli_take_true(const struct cli *cli, const struct cli_option *option, char *argument, void *to)
{
	*(bool *)to = true;
}

void cli_take_false(const struct cli *cli, const struct cli_option *option, char *argument,
		    void *to)
{
	*(bool *)to = false;
}

/* ---- numbers ---- */

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

void cli_take_number(const struct cli *cli, const struct cli_option *option, char *argument,
		     void *to)
{
	store(option, to, cli_number(cli, option->name, argument, option->min, option->max));
}

void cli_take_number_or_auto(const struct cli *cli, const struct cli_option *option, char *argument,
			     void *to)
{
	if (!strcmp(argument, "auto"))
		store(option, to, UINT64_MAX);
	else if (isdigit((unsigned char)*argument))
		cli_take_number(cli, option, argument, to);
	else
		cli_misuse(cli, "--%s: '%s' is neither auto nor a number", option->name, argument);
}

/* ---- numbers with a unit ---- */

struct unit {
	const char *name;
	uint64_t factor;
};

struct measure {
	const char *name;
	const char *how; /* the form of its values */
	struct unit units
		[8]; /* the largest first; the last has no name, and is that of a plain number */
};

/* Returns the factor of a unit; 0 if there is no unit of that name. */
static uint64_t factor_of(const struct measure *measure, const char *name)
{
	const struct unit *unit = measure->units;

	while (unit->name && strcmp(unit->name, name))
		unit++;
	return unit->name || !*name ? unit->factor : 0;
}

/* Writes a limit in the largest unit that it is a multiple of. */
static const char *limit(char *text, size_t size, const struct measure *measure, uint64_t value)
{
	const struct unit *unit = measure->units;

	while (value % unit->factor)
		unit++;
	snprintf(text, size, "%llu%s", (unsigned long long)(value / unit->factor), unit->name);
	return text;
}

/* The decimal sign is a point in every locale. Returns 0 if memory is short. */
static double parse_decimal(const char *text, char **end)
{
	locale_t locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	double value = locale ? strtod_l(text, end, locale) : 0;

	if (locale)
		freelocale(locale);
	else
		*end = (char *)text;
	return value;
}

/* Returns 0 if text is no such value. strtod_l() would also take hexadecimal numbers. */
static uint64_t parse_measure(const struct cli_option *option, const char *text,
			      const struct measure *measure)
{
	char *end;
	double value = parse_decimal(text, &end);

	value *= factor_of(measure, end);
	if (!isdigit((unsigned char)*text) || strpbrk(text, "xX") || !(value >= option->min) ||
	    value > option->max)
		return 0;
	return value + 0.5;
}

static void take_measure(const struct cli *cli, const struct cli_option *option, const char *text,
			 void *to, const struct measure *measure)
{
	uint64_t value = parse_measure(option, text, measure);
	char min[32], max[32];

	if (!value)
		cli_misuse(cli, "--%s: '%s' is not a %s from %s to %s (%s)", option->name, text,
			   measure->name, limit(min, sizeof(min), measure, option->min),
			   limit(max, sizeof(max), measure, option->max), measure->how);
	store(option, to, value);
}

void cli_take_size(const struct cli *cli, const struct cli_option *option, char *argument, void *to)
{
	static const struct measure size = {
		"size",
		"a number of KiB, or with K, M or G",
		{ { "G", 1 << 30 }, { "M", 1 << 20 }, { "K", 1 << 10 }, { NULL, 1 << 10 } },
	};

	if (argument)
		take_measure(cli, option, argument, to, &size);
}

void cli_take_duration(const struct cli *cli, const struct cli_option *option, char *argument,
		       void *to)
{
	static const struct measure duration = {
		"time",
		"a number of seconds, or with ms, s, m, h or d",
		{ { "d", 86400000 },
		  { "h", 3600000 },
		  { "m", 60000 },
		  { "s", 1000 },
		  { "ms", 1 },
		  { NULL, 1000 } },
	};

	take_measure(cli, option, argument, to, &duration);
}

/* ---- words ---- */

int cli_choice(const struct cli *cli, const char *option, const char *text,
	       const char *const *choices)
{
	char list[128] = "";
	struct suggestion suggestion;

	suggestion_begin(&suggestion, text, strlen(text));
	for (int i = 0; choices[i]; i++) {
		if (!strcmp(text, choices[i]))
			return i;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 choices[i]);
		suggestion_try(&suggestion, "", choices[i]);
	}
	cli_misuse(cli, "--%s: '%s' is none of %s%s", option, text, list, suggestion.hint);
}

void cli_take_choice(const struct cli *cli, const struct cli_option *option, char *argument,
		     void *to)
{
	store(option, to, cli_choice(cli, option->name, argument, option->choices));
}
