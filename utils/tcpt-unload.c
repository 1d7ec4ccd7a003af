// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli.h"
#include "programs.h"

struct config {
	const char *pin;
	struct cli_log log;
};

static const struct cli cli = {
	.name = "tcpt-unload",
	.synopsis = "[OPTION]...",
	.about = "End a pinned trace and remove all of its pins.",
	.options = (const struct cli_option[]){ CLI_GROUP("Which trace"), CLI_PIN, {} },
	.examples =
		(const struct cli_example[]){
			{ "tcpt-unload", "end the trace" },
			{ "tcpt-watch --drain && tcpt-unload",
			  "print what waits, then end the trace" },
			{},
		},
};

PROGRAM_MAIN(unload)
{
	struct config config = { .pin = cli_default_pin() };

	cli_begin(&config.log, &cli);
	cli_parse(&cli, &config, argc, argv);
	return cli_status(tcpt_trace_unload(config.pin, &config.log.log));
}
