// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "watch-options.h"

void watch_take_types(const struct cli *program, const struct cli_option *option, char *list,
		      void *to)
{
	const char *names[TCPT_EVENT_TYPES];
	unsigned int types = WATCH_GAPS;
	char *save, *name = strtok_r(list, ",", &save);

	for (int type = TCPT_EVENT_CONNECT; type <= TCPT_EVENT_EXISTING; type++)
		names[type - TCPT_EVENT_CONNECT] = tcpt_event_type_name(type);
	names[TCPT_EVENT_EXISTING + 1 - TCPT_EVENT_CONNECT] = NULL;

	if (!name)
		cli_misuse(program, "--type: no type is given");
	for (; name; name = strtok_r(NULL, ",", &save))
		types |= 1U
			 << (TCPT_EVENT_CONNECT + cli_choice(program, option->name, name, names));
	*(unsigned int *)to = types;
}

void watch_check_count(const struct cli *cli, const struct config *config)
{
	if (!config->tables.values && config->tables.interval_ms)
		cli_misuse(cli, "--interval goes with --count");
	if (!config->tables.values)
		return;
	if (config->view.format == TCPT_FORMAT_TCPTRACER)
		cli_misuse(cli, "--count has no --format=tcptracer");
	if (config->view.columns)
		cli_misuse(cli, "--count and --columns exclude each other");
	if (config->view.summary)
		cli_misuse(cli, "--count and --summary exclude each other");
	if (config->view.time != WHEN_AS_USUAL)
		cli_misuse(cli, "--count and --time exclude each other");
	if (config->view.color == TERMINAL_COLOR_ALWAYS)
		cli_misuse(cli, "--count has no colors");
}

void watch_choose_messages(const struct config *config)
{
	struct stat out, err;

	if (config->view.format == TCPT_FORMAT_JSON && !isatty(STDERR_FILENO) &&
	    !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
	    out.st_dev == err.st_dev && out.st_ino == err.st_ino)
		cli_messages_in_json();
}
