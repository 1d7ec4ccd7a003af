// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A summary beside the one that is expected. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "summary-line.h"
#include "summary.h"

#define COLUMNS 5 /* of a key; what comes behind them differs from run to run */

/* ---- reading ---- */

static int keep_line(struct summary_expected *expected, const char *key)
{
	size_t room = expected->room ? 2 * expected->room : 64;
	char **lines = expected->lines;

	if (expected->used == expected->room) {
		lines = realloc(lines, room * sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		expected->lines = lines;
		expected->room = room;
	}
	expected->lines[expected->used] = strdup(key);
	return expected->lines[expected->used++] ? 0 : -ENOMEM;
}

/* Sets key to the columns with tabs between. Returns how many there are, COLUMNS at most. */
static int split(char *line, char key[SUMMARY_KEY_MAX])
{
	char *save, *word = strtok_r(line, " \t\r\n", &save);
	size_t used = 0;
	int n = 0;

	for (; word && n < COLUMNS; word = strtok_r(NULL, " \t\r\n", &save), n++) {
		int size =
			snprintf(key + used, SUMMARY_KEY_MAX - used, "%s%s", n ? "\t" : "", word);

		if (size >= (int)(SUMMARY_KEY_MAX - used))
			return 0;
		used += size;
	}
	return n;
}

static bool is_heading(const char *key)
{
	return !strcmp(key, "EXE\tROLE\tADDRESS\tPORT\tOUTCOME");
}

static int read_lines(struct summary_expected *expected, FILE *file, const char *path,
		      const struct cli *cli)
{
	char line[2 * SUMMARY_KEY_MAX], key[SUMMARY_KEY_MAX];
	int err = 0;

	for (unsigned int number = 1; !err && fgets(line, sizeof(line), file); number++) {
		int n = *line == '#' ? 0 : split(line, key);

		if (*line == '#' || *line == '\n' || (n == COLUMNS && is_heading(key)))
			continue;
		if (n == COLUMNS) {
			err = keep_line(expected, key);
			continue;
		}
		cli_error(cli,
			  "%s:%u: not a line of a summary: it needs exe, role, address, port and "
			  "outcome, as tcpt-trace --summary -f tsv writes them",
			  path, number);
		return -EINVAL;
	}
	if (!err && ferror(file))
		err = -EIO;
	if (err)
		cli_error(cli, "cannot read %s: %s", path, strerror(-err));
	return err;
}

int summary_read(struct summary_expected *expected, const char *path, const struct cli *cli)
{
	FILE *file = fopen(path, "re");
	int err;

	if (!file) {
		err = -errno;
		cli_error(cli, "cannot open %s: %s", path, strerror(-err));
		return err;
	}
	err = read_lines(expected, file, path, cli);
	fclose(file);
	return err;
}

void summary_expected_free(struct summary_expected *expected)
{
	for (size_t i = 0; i < expected->used; i++)
		free(expected->lines[i]);
	free(expected->lines);
}

/* ---- comparing ---- */

/* Returns true if the key is expected. A column "*" is any. */
static bool matches(const char *expected, const char *key)
{
	for (int i = 0; i < COLUMNS; i++) {
		size_t x = strcspn(expected, "\t"), y = strcspn(key, "\t");
		bool is_any = x == 1 && *expected == '*';

		if (!is_any && (x != y || strncmp(expected, key, x)))
			return false;
		expected += x + (expected[x] == '\t');
		key += y + (key[y] == '\t');
	}
	return true;
}

static bool is_expected(const struct summary_expected *expected, const char *key)
{
	for (size_t i = 0; i < expected->used; i++)
		if (matches(expected->lines[i], key))
			return true;
	return false;
}

static bool has_come(const struct summary *summary, const char *expected)
{
	char key[SUMMARY_KEY_MAX];

	for (size_t i = 0; i < summary->used; i++) {
		summary_line_key(summary->lines[i], key);
		if (matches(expected, key))
			return true;
	}
	return false;
}

size_t summary_compare(const struct summary *summary, const struct summary_expected *expected,
		       struct text *out)
{
	char key[SUMMARY_KEY_MAX];
	size_t unexpected = 0;

	for (size_t i = 0; i < expected->used; i++)
		if (!has_come(summary, expected->lines[i]))
			text_add(out, "- %s\n", expected->lines[i]);
	for (size_t i = 0; i < summary->used; i++) {
		summary_line_key(summary->lines[i], key);
		if (is_expected(expected, key))
			continue;
		text_add(out, "+ %s\n", key);
		unexpected++;
	}
	return unexpected;
}
