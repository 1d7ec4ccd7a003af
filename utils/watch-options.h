/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The options of tcpt-watch that other programs have too. Their configuration begins with
 * a struct config.
 */
#ifndef WATCH_OPTIONS_H
#define WATCH_OPTIONS_H

#include "watch.h"

extern cli_take watch_take_types;

#define WATCH_ALL_TYPES ~0U
#define WATCH_GAPS (1U << TCPT_EVENT_LOST | 1U << TCPT_EVENT_OVERWRITTEN)
#define WATCH_TIMES .min = 1, .max = 1000000000000 /* milliseconds */

/* clang-format off */
#define WATCH_FORMAT \
	{ 'f', "format", "FORMAT", "text, json, tsv or tcptracer (text)", \
	  cli_take_choice, CLI_TO(view.format), CLI_CHOICES("text", "json", "tsv", "tcptracer") }
#define WATCH_TYPE \
	{ 't', "type", "TYPE,...", \
	  "print only these types: connect, accept, close, fail, fdinstall, existing", \
	  watch_take_types, CLI_TO(types) }
#define WATCH_COLUMNS \
	{ 0, "columns", "NAME,...", "text: these columns, as in time,comm,remote", \
	  cli_take_text, CLI_TO(view.columns) }
#define WATCH_NO_HEADING \
	{ 0, "no-heading", NULL, "text: without a heading", \
	  cli_take_true, CLI_TO(view.no_heading) }
#define WATCH_COLOR \
	{ 0, "color", "WHEN", "text: auto (on a terminal), always or never", \
	  cli_take_choice, CLI_TO(view.color), CLI_CHOICES("auto", "always", "never") }
#define WATCH_TIME \
	{ 0, "time", "CLOCK", \
	  "text and tsv: local, utc, unix, monotonic (since boot) or delta (since the line " \
	  "before); local in text, monotonic ns in tsv", \
	  cli_take_choice, CLI_TO(view.time), \
	  CLI_CHOICES("local", "utc", "unix", "monotonic", "delta") }
#define WATCH_COUNT \
	{ 0, "count", "NAME,...", \
	  "count events by these values, as in comm,daddr,dport, and print a table at the end", \
	  cli_take_text, CLI_TO(tables.values) }
#define WATCH_INTERVAL \
	{ 0, "interval", "TIME", "with --count: print and begin a table so often", \
	  cli_take_duration, CLI_TO(tables.interval_ms), WATCH_TIMES }
#define WATCH_NUM_EVENTS \
	{ 'n', "num-events", "N", "end after N events", \
	  cli_take_number, CLI_TO(num_events), .min = 1, .max = UINT64_MAX }
#define WATCH_DURATION \
	{ 0, "duration", "TIME", "end after this time, as in 2.5 (seconds), 500ms, 5m or 1h", \
	  cli_take_duration, CLI_TO(duration_ms), WATCH_TIMES }
#define WATCH_IDLE_TIMEOUT \
	{ 0, "idle-timeout", "TIME", "end when no event has come for this time", \
	  cli_take_duration, CLI_TO(idle_ms), WATCH_TIMES }
#define WATCH_FAIL_ON_LOSS \
	{ 0, "fail-on-loss", NULL, "exit with status 1 if events were lost", \
	  cli_take_true, CLI_TO(fail_on_loss) }
#define WATCH_BANNER \
	{ 0, "banner", NULL, "print a line on stderr when ready", cli_take_true, CLI_TO(banner) }
/* clang-format on */

/* Refuses options of --count that would be ignored. */
void watch_check_count(const struct cli *cli, const struct config *config);

/*
 * Makes messages JSON too, if they go to the same place as events in JSON, such as a
 * journal.
 */
void watch_choose_messages(const struct config *config);

#endif
