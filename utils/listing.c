// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggestion.h"

/* ---- columns ---- */

/* The columns that suit a width, the widest first. */
static const struct choice {
	unsigned int width;
	const char *names;
	const char *of_listeners;
} choices[] = {
	{ 160,
	  "id,age,role,state,pid,comm,exe,local,remote,netns,%ssent,received,rtt,retransmits,"
	  "sendq,recvq",
	  "pid,uid,comm,exe,local,netns,recvq,sendq" },
	{ 110, "age,role,state,pid,comm,local,remote,%ssent,received,rtt",
	  "pid,comm,exe,local,recvq,sendq" },
	{ 0, "age,role,pid,comm,local,remote,%ssent,received", "pid,comm,local,recvq,sendq" },
};

static void choose(const struct listing *listing, char *list, size_t size)
{
	const struct listing_options *options = listing->options;
	unsigned int width = listing->terminal.columns;
	const struct choice *choice = choices;

	while (width && width < choice->width)
		choice++;
	snprintf(list, size, options->listeners ? choice->of_listeners : choice->names,
		 options->interval_ms ? "rate," : "");
}

__attribute__((noreturn)) static void refuse(const struct cli *cli, const char *option,
					     const char *name)
{
	struct suggestion suggestion = suggestion_of(name, listing_column_name);

	cli_misuse(cli, "--%s: '%s' is no column, see Columns in tcpt-list(8)%s", option, name,
		   suggestion.hint);
}

static const struct listing_column *find(const struct cli *cli, const char *option,
					 const char *name, size_t size)
{
	const struct listing_column *column = listing_column_find(name, size);
	char text[32];

	if (column)
		return column;
	snprintf(text, sizeof(text), "%.*s", (int)(size < 31 ? size : 31), name);
	refuse(cli, option, text);
}

static void set_columns(struct listing *listing, const char *list)
{
	for (listing->n = 0;; list++) {
		size_t size = strcspn(list, ",");

		if (listing->n == TABLE_COLUMNS_MAX)
			cli_misuse(listing->cli, "--columns: there are more than %d columns",
				   TABLE_COLUMNS_MAX);
		listing->columns[listing->n++] = find(listing->cli, "columns", list, size);
		list += size;
		if (!*list)
			return;
	}
}

static void add_resolve(struct listing *listing, const char *name)
{
	listing->resolve |= tcpt_value_resolve(tcpt_value_find(name));
}

static void lay_out(struct listing *listing)
{
	char list[160];

	terminal_ask(&listing->terminal);
	if (!listing->options->columns)
		choose(listing, list, sizeof(list));
	set_columns(listing, listing->options->columns ? listing->options->columns : list);
}

static void check(const struct listing_options *options, const struct cli *cli)
{
	bool needs_rate = options->sort && !strcmp(options->sort, "rate");

	if (needs_rate && !options->interval_ms)
		cli_misuse(cli, "--sort=rate goes with --interval");
	if (options->format == TCPT_FORMAT_TEXT)
		return;
	if (options->columns)
		cli_misuse(cli, "--columns is for --format=text only");
	if (options->color == TERMINAL_COLOR_ALWAYS)
		cli_misuse(cli, "--color=always is for --format=text only");
	if (options->no_heading && options->format == TCPT_FORMAT_JSON)
		cli_misuse(cli, "--no-heading is not for --format=json, which has none");
}

void listing_open(struct listing *listing, const struct listing_options *options,
		  const struct cli *cli)
{
	const char *sort = options->sort			       ? options->sort :
			   options->interval_ms && !options->listeners ? "rate" :
			   options->listeners			       ? "sport" :
									 "id";

	check(options, cli);
	*listing = (struct listing){ .cli = cli, .options = options };
	listing->sort = find(cli, "sort", sort, strlen(sort));
	lay_out(listing);
	add_resolve(listing, listing->sort->name);
	add_resolve(listing, "exe"); /* a wider terminal may come */
	for (unsigned int i = 0; i < listing->n; i++)
		add_resolve(listing, listing->columns[i]->name);
}

void listing_close(struct listing *listing)
{
	free(listing->before);
}

/* ---- rows ---- */

struct row {
	const struct listing_column *sort;
	struct listed listed;
	char *key; /* NULL: the order is that of a number */
	char **cells; /* of text; of other formats there is one, which is the line */
	unsigned int n;
};

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t one = x->listed.connection.event.id, other = y->listed.connection.event.id;
	int order = x->key && y->key ? strcmp(x->key, y->key) : 0;

	if (x->sort->order && x->sort->order(&x->listed) != x->sort->order(&y->listed))
		order = (x->sort->order(&x->listed) < x->sort->order(&y->listed)) ==
					x->sort->is_largest_first ?
				1 :
				-1;
	return order ? order : one < other ? -1 : one > other;
}

static void free_rows(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned int cell = 0; rows[i].cells && cell < rows[i].n; cell++)
			free(rows[i].cells[cell]);
		free(rows[i].cells);
		free(rows[i].key);
	}
	free(rows);
}

static bool write_line(const struct listing *listing, struct row *row)
{
	char line[TCPT_LINE_MAX];
	size_t size =
		tcpt_connection_format(&row->listed.connection, listing->options->format, line);

	row->cells[0] = strndup(line, size);
	return row->cells[0];
}

static bool write_cells(const struct listing *listing, struct row *row)
{
	char cell[TCPT_VALUE_MAX];

	for (unsigned int i = 0; i < row->n; i++) {
		listing_column_write(listing->columns[i], &row->listed, cell);
		row->cells[i] = strdup(cell);
		if (!row->cells[i])
			return false;
	}
	return true;
}

/* What was resolved lasts until the next row only. */
static bool write_row(const struct listing *listing, struct row *row)
{
	bool is_text = listing->options->format == TCPT_FORMAT_TEXT;
	char key[TCPT_VALUE_MAX];

	row->sort = listing->sort;
	row->n = is_text ? listing->n : 1;
	row->cells = calloc(row->n, sizeof(*row->cells));
	if (!row->cells)
		return false;
	if (!row->sort->order) {
		listing_column_write(row->sort, &row->listed, key);
		row->key = strdup(key);
		if (!row->key)
			return false;
	}
	return is_text ? write_cells(listing, row) : write_line(listing, row);
}

/* ---- rates ---- */

static const struct listed *find_before(const struct listing *listing, uint64_t id)
{
	size_t least = 0, most = listing->before_count;

	while (least < most) {
		size_t middle = (least + most) / 2;
		const struct listed *at = &listing->before[middle];

		if (at->connection.event.id == id)
			return at;
		if (at->connection.event.id < id)
			least = middle + 1;
		else
			most = middle;
	}
	return NULL;
}

static uint64_t bytes_of(const struct tcpt_event *event)
{
	return event->bytes_sent + event->bytes_received;
}

/* Of a connection that was not there before, all its bytes came since. */
static void note_rate(const struct listing *listing, struct listed *listed)
{
	const struct tcpt_event *event = &listed->connection.event;
	const struct listed *before = find_before(listing, event->id);
	uint64_t passed = listed->connection.now - listing->before_ns, bytes = bytes_of(event);

	if (!listing->before_ns || !passed || !event->has_bytes_sent || !event->id)
		return;
	if (before)
		bytes -= bytes_of(&before->connection.event) < bytes ?
				 bytes_of(&before->connection.event) :
				 bytes;
	listed->has_rate = true;
	listed->rate = (uint64_t)((double)bytes * 1e9 / (double)passed);
}

/* The rows are in the order of ids still. */
static void keep(struct listing *listing, const struct row *rows, size_t count)
{
	struct listed *kept = calloc(count + 1, sizeof(*kept));

	if (!listing->options->interval_ms || !kept) {
		free(kept);
		return;
	}
	for (size_t i = 0; i < count; i++)
		kept[i] = rows[i].listed;
	free(listing->before);
	listing->before = kept;
	listing->before_count = count;
	listing->before_ns = tcpt_monotonic_ns();
	if (count)
		listing->before_ns = rows[0].listed.connection.now;
}

/* ---- lists ---- */

static size_t count_of(const struct tcpt_list *list)
{
	size_t n = 0;

	while (tcpt_list_at(list, n))
		n++;
	return n;
}

static bool make_rows(struct listing *listing, const struct tcpt_list *list,
		      struct tcpt_resolver *resolver, struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct listed *listed = &rows[i].listed;

		listed->connection = *tcpt_list_at(list, i);
		note_rate(listing, listed);
		if (resolver)
			tcpt_resolver_resolve(resolver, &listed->connection.event);
		if (!write_row(listing, &rows[i]))
			return false;
		listed->connection.event.who = NULL;
	}
	return true;
}

/* On a terminal a list that is renewed has as many rows as there is room for. */
static size_t most_rows(const struct listing *listing, size_t count)
{
	const struct listing_options *options = listing->options;
	size_t room = listing->terminal.rows > 2 ? listing->terminal.rows - 1 : 1;

	room -= !options->no_heading && room > 1;
	if (!options->interval_ms || !listing->terminal.is || !listing->terminal.rows)
		return count;
	return count < room ? count : room;
}

static void write_table(const struct listing *listing, const struct row *rows, size_t count,
			struct text *text)
{
	const struct listing_options *options = listing->options;
	struct table table = { .n = listing->n, .no_heading = options->no_heading };

	table.has_color = terminal_has_color(&listing->terminal, options->color);
	for (unsigned int i = 0; i < listing->n; i++) {
		const struct listing_column *column = listing->columns[i];

		table.columns[i].heading = column->heading;
		table.columns[i].right = column->right;
		table.columns[i].has_port = column->has_port;
		if (!strcmp(column->name, "state"))
			table.columns[i].color = listing_column_color;
	}
	for (size_t i = 0; i < most_rows(listing, count); i++)
		for (unsigned int cell = 0; cell < rows[i].n; cell++)
			table_add(&table, "%s", rows[i].cells[cell]);
	table_end(&table, listing->terminal.is ? listing->terminal.columns : 0, text);
}

static void write_lines(struct listing *listing, const struct row *rows, size_t count,
			struct text *text)
{
	char heading[TCPT_LINE_MAX];
	size_t size = 0;

	if (!listing->options->no_heading && !listing->has_begun)
		size = tcpt_connection_heading(listing->options->format, heading);
	listing->has_begun = true;
	text_add(text, "%.*s", (int)size, heading);
	for (size_t i = 0; i < count; i++)
		text_add(text, "%s", rows[i].cells[0]);
}

int listing_write(struct listing *listing, const struct tcpt_list *list,
		  struct tcpt_resolver *resolver, struct text *text)
{
	size_t count = count_of(list);
	struct row *rows = calloc(count + 1, sizeof(*rows));
	bool is_whole = rows;

	lay_out(listing);
	is_whole = is_whole && make_rows(listing, list, resolver, rows, count);
	if (!is_whole) {
		free_rows(rows, rows ? count : 0);
		return -ENOMEM;
	}
	keep(listing, rows, count);
	qsort(rows, count, sizeof(*rows), compare_rows);
	if (listing->options->format == TCPT_FORMAT_TEXT)
		write_table(listing, rows, count, text);
	else
		write_lines(listing, rows, count, text);
	free_rows(rows, count);
	return 0;
}
