// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli-help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spelling.h"

#define WIDTH 80
#define TEXT_AT 30

static cli_take take_help, take_version;

static const struct cli_option common[] = {
	CLI_GROUP("Other"),
	{ 'h', "help", NULL, "show this help", .take = take_help },
	{ 'V', "version", NULL, "show the version", .take = take_version },
};

#define COMMON (sizeof(common) / sizeof(common[0]))

const struct cli_option *cli_option_at(const struct cli *cli, unsigned int i)
{
	unsigned int own = 0;

	while (cli->options[own].help)
		own++;
	if (i < own)
		return &cli->options[i];
	return i < own + COMMON ? &common[i - own] : NULL;
}

/* Prints text, in which programs are named as they are to be called. */
static int put(const char *text)
{
	char *spelled = spelling_of(text);
	int size = printf("%s", spelled ? spelled : text);

	free(spelled);
	return size;
}

/* Prints text beside what is on the left, or below it, and breaks its lines between words. */
static void show(const char *left, const char *text)
{
	int at = printf("  ") + put(left);

	if (at > TEXT_AT - 2) {
		putchar('\n');
		at = 0;
	}
	while (*text) {
		int size = strcspn(text, " ");

		if (at > TEXT_AT && at + 1 + size > WIDTH) {
			putchar('\n');
			at = 0;
		}
		printf("%*s%.*s", at < TEXT_AT ? TEXT_AT - at : 1, "", size, text);
		at = (at < TEXT_AT ? TEXT_AT : at + 1) + size;
		text += size + strspn(text + size, " ");
	}
	putchar('\n');
}

static void show_option(const struct cli_option *option)
{
	char left[64];

	if (!option->name) {
		printf("\n%s:\n", option->help);
		return;
	}
	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", option->key ? '-' : ' ',
		 option->key ? option->key : ' ', option->key ? ',' : ' ', option->name,
		 option->argument && *option->argument != '[' ? "=" : "",
		 option->argument ? option->argument : "");
	show(left, option->help);
}

static void take_help(const struct cli *cli, const struct cli_option *option, char *argument,
		      void *to)
{
	printf("Usage: ");
	put(cli->name);
	printf(" %s\n%s\n", cli->synopsis, cli->about);
	for (unsigned int i = 0; (option = cli_option_at(cli, i)); i++)
		show_option(option);
	puts("\nExamples:");
	for (const struct cli_example *example = cli->examples; example->command; example++)
		show(example->command, example->what);
	printf("\nSee %s(%d).\n", cli->name, cli->section ? cli->section : 8);
	exit(cli_close_stdout(cli, CLI_DONE));
}

static void take_version(const struct cli *cli, const struct cli_option *option, char *argument,
			 void *to)
{
	printf("%s %s\n", cli->name, PACKAGE_VERSION);
	exit(cli_close_stdout(cli, CLI_DONE));
}
