// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filter-text.h"

#include <stdio.h>

struct tcpt_filter parsed[PARSED_MAX];
char message[512];

static void keep(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	(void)level;
	snprintf(message, sizeof(message), "%s", text);
}

const struct tcpt_log recorder = { keep, NULL };

int parse(const char *text)
{
	message[0] = '\0';
	return tcpt_filter_parse(parsed, PARSED_MAX, text, &recorder);
}
