// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arguments that are filters, of tcpt-load and tcpt-filter. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define VALUES_MAX 256 /* of one argument */

/* Keeps the library's message, which becomes this program's own. */
struct reason {
	char text[256];
};

static void keep(void *arg, enum tcpt_log_level level, const char *text)
{
	struct reason *reason = arg;

	(void)level;
	strncpy(reason->text, text, sizeof(reason->text) - 1);
}

void cli_append_filters(const struct cli *cli, struct cli_filters *list,
			const struct tcpt_filter *filters, size_t n)
{
	if (!n)
		return;
	list->of = reallocarray(list->of, list->count + n, sizeof(*filters));
	if (!list->of) {
		cli_error(cli, "%s", strerror(errno));
		exit(CLI_FAILURE);
	}
	memcpy(list->of + list->count, filters, n * sizeof(*filters));
	list->count += n;
}

void cli_take_filters(const struct cli *cli, const struct cli_option *option, char *argument,
		      void *to)
{
	struct tcpt_filter filters[VALUES_MAX];
	struct reason reason = {};
	const struct tcpt_log log = { keep, &reason };
	int n = tcpt_filter_parse(filters, VALUES_MAX, argument, &log);

	if (n < 0)
		cli_misuse(cli, "--%s: %s", option->name, reason.text);
	cli_append_filters(cli, to, filters, n);
}

void cli_take_watched(const struct cli *cli, const struct cli_option *option, char *argument,
		      void *to)
{
	char *pid;

	while ((pid = strsep(&argument, ","))) {
		struct tcpt_filter filter = { .key = TCPT_FILTER_WATCH,
					      .value = cli_number(cli, option->name, pid, 1,
								  INT_MAX) };

		cli_append_filters(cli, to, &filter, 1);
	}
}
