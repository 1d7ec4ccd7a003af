// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli.h"

#include <getopt.h>

enum {
	OPT_PIN = 256
};

static const struct cli cli = {
	.name = "tcpt-unload",
	.synopsis = "[OPTION]...",
	.about = "End a pinned trace and remove all of its pins.",
	.options =
		(const struct cli_option[]){
			{ OPT_PIN, "pin", "DIR",
			  "where the trace is pinned (" TCPT_DEFAULT_PIN ")" },
			{},
		},
};

int main(int argc, char **argv)
{
	const char *pin = TCPT_DEFAULT_PIN;
	struct cli_log log;
	int key;

	cli_begin(&log, &cli);
	while ((key = cli_next(&cli, argc, argv)) != -1)
		if (key == OPT_PIN)
			pin = optarg;
	return cli_status(tcpt_trace_unload(pin, &log.log));
}
