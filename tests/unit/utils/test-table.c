// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables: their lines are the same whoever draws them. */
#include <stdlib.h>

#include "../rng.h"
#include "../test.h"
#include "table-draw.h"
#include "table.h"

static void check_lines(struct table *table, unsigned int line, const char *expected)
{
	struct text out = {};
	char *lines;

	table_end(table, line, &out);
	lines = text_end(&out);
	CHECK_STR(lines, expected);
	free(lines);
}

static struct table addresses(void)
{
	struct table table = { .columns = { { .heading = "N", .right = true },
					    { .heading = "NAME" },
					    { .heading = "REMOTE", .has_port = true },
					    { .heading = "NOTE" } },
			       .n = 4 };
	static const char *const cells[] = {
		"1", "\xe6\x96\x87\xe5\xad\x97",  "127.0.0.1:80", "", "12345",
		"a", "[2001:db8::1234:5678]:443", "x\\x09\"y",
	};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		table_add(&table, "%s", cells[i]);
	return table;
}

static void lines(void)
{
	struct table whole = addresses(), cut = addresses(), bare = addresses();

	check_lines(&whole, 0,
		    "    N NAME REMOTE                    NOTE\n"
		    "    1 \xe6\x96\x87\xe5\xad\x97 127.0.0.1:80              \n"
		    "12345 a    [2001:db8::1234:5678]:443 x\\x09\"y\n");
	check_lines(&cut, 40,
		    "    N NAME REMOTE                NOTE\n"
		    "    1 \xe6\x96\x87\xe5\xad\x97 127.0.0.1:80          \n"
		    "12345 a    [2001:db8::~5678]:443 x\\x09\"y\n");
	bare.no_heading = true;
	check_lines(&bare, 1,
		    "    1 \xe6\x96\x87\xe5\xad\x97 127.0.0.1:80 \n"
		    "12345 a    [2001:d~:443 x\\x09\"y\n");
}

static void no_rows(void)
{
	struct table table = { .columns = { { .heading = "A" }, { .heading = "B", .right = true } },
			       .n = 2 };

	check_lines(&table, 0, "A B\n");
}

#ifdef HAVE_SMARTCOLS

static struct table random_table(struct rng *rng)
{
	static const char *const cells[] = {
		"",
		"-",
		"0",
		"18446744073709551615",
		"curl",
		"\xc3\xa9t\xc3\xa9",
		"\xe6\x96\x87\xe5\xad\x97",
		"e\xcc\x81",
		"a\\x0ab",
		"tmux:\\x20server",
		"\\",
		"\"'",
		"  blanks  ",
		"[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535",
		"127.0.0.1:1",
	};
	static const char *const headings[] = { "A", "HEADING", "\xe6\x96\x87\xe5\xad\x97" };
	struct table table = { .n = 1 + rng_below(rng, TABLE_COLUMNS_MAX),
			       .no_heading = rng_below(rng, 2) };
	unsigned int rows = 1 + rng_below(rng, 6);

	for (unsigned int i = 0; i < table.n; i++)
		table.columns[i] = (struct table_column){ .heading = headings[rng_below(rng, 3)],
							  .right = rng_below(rng, 2),
							  .has_port = rng_below(rng, 2) };
	for (unsigned int i = 0; i < rows * table.n; i++)
		table_add(&table, "%s", cells[rng_below(rng, sizeof(cells) / sizeof(*cells))]);
	return table;
}

static void both_draw_the_same(void)
{
	struct rng rng = { 12 };

	for (int i = 0; i < 2000 && !failed_checks; i++) {
		struct table table = random_table(&rng);
		struct text plain = {}, smart = {}, rest = {};
		char *one, *other;

		table_lay_out(&table, rng_below(&rng, 200));
		table_draw_plain(&table, &plain);
		CHECK(table_draw_smartcols(&table, &smart));
		one = text_end(&plain);
		other = text_end(&smart);
		CHECK_STR(other, one);
		free(one);
		free(other);
		table_end(&table, 0, &rest);
		free(text_end(&rest));
	}
}

#endif

int main(void)
{
	static const struct test tests[] = {
		TEST(lines),
		TEST(no_rows),
#ifdef HAVE_SMARTCOLS
		TEST(both_draw_the_same),
#endif
	};

	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
