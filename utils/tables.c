// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "suggestion.h"
#include "terminal.h"

static void refuse_name(const struct cli *cli, const char *name)
{
	struct suggestion suggestion = suggestion_of(name, tcpt_value_name);

	cli_misuse(cli, "--count: '%s' is no value, see Columns in tcpt-watch(8)%s", name,
		   suggestion.hint);
}

void tables_open(struct tables *tables, const struct tables_options *options,
		 enum tcpt_format format, bool has_heading, const struct cli *cli)
{
	char name[32];
	int err;

	*tables = (struct tables){ .cli = cli, .options = options };
	tables->count.format = format;
	tables->count.has_heading = has_heading;
	tables->count.repeats = options->interval_ms;
	tables->count.most = COUNT_ROWS_MAX;
	err = options->values ? count_set(&tables->count, options->values, name) : 0;
	if (err == -EINVAL)
		refuse_name(cli, name);
	if (err == -EEXIST)
		cli_misuse(cli, "--count: '%s' comes twice", name);
	if (err)
		cli_misuse(cli, "--count: there are more than %d values", COUNT_VALUES_MAX);
}

void tables_begin(struct tables *tables, struct stream *out, const char *output)
{
	tables->out = out;
	tables->output = output;
	tables->since_ms = stream_now_ms();
}

static int write_lines(struct stream *out, const char *text)
{
	int err = 0;

	for (const char *line = text, *end; !err && *line; line = end) {
		end = strchr(line, '\n') + 1;
		memcpy(out->buf + out->used, line, end - line);
		out->used += end - line;
		if (stream_is_full(out))
			err = stream_flush(out);
	}
	return err ? err : stream_flush(out);
}

/* Nothing else has the counts, so only a second signal ends the wait for the output's reader. */
static int write_table(struct tables *tables)
{
	struct terminal terminal;
	char *table;
	int err;

	terminal_ask(&terminal);
	tables->count.columns = terminal.is ? terminal.columns : 0;
	table = count_table(&tables->count);

	if (!table) {
		err = -errno;
		cli_error(tables->cli, "cannot make the table: %s", strerror(-err));
		return err;
	}
	err = write_lines(tables->out, table);
	free(table);
	tables->cannot_write = err;
	if (err == -EINTR)
		cli_error(tables->cli, "a second signal came before all of the table was written");
	else if (err)
		cli_error(tables->cli, "cannot write to %s: %s; the counts are lost",
			  tables->output ? tables->output : "stdout", strerror(-err));
	return err == -EINTR ? -ECANCELED : err;
}

int tables_look(struct tables *tables)
{
	uint64_t interval = tables->options->interval_ms, passed;

	if (!interval)
		return 0;
	passed = stream_now_ms() - tables->since_ms;
	if (passed < interval)
		return 0;
	tables->since_ms += passed - passed % interval;
	return write_table(tables);
}

int tables_end(struct tables *tables, int err)
{
	int last = tables->options->values && !tables->cannot_write ? write_table(tables) : 0;

	return err && err != -EINTR ? err : last ? last : err;
}
