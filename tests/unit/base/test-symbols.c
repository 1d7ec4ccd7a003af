// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds a kernel function in a list of symbols that is made up here. */
#include "../test.h"
#include "base/symbols.h"
#include "internal.h"

static struct symbols find(const char *list, const char *name)
{
	struct symbols symbols = { .wanted = name };
	FILE *file = fmemopen((void *)list, strlen(list), "r");

	symbols_read(file, &symbols, 1);
	fclose(file);
	return symbols;
}

static void plain_name(void)
{
	struct symbols s = find("ffffffff81000010 T tcp_closed\n"
				"ffffffff81000020 T tcp_close\n"
				"ffffffff81000030 t __tcp_close\n",
				"tcp_close");

	CHECK_INT(s.exact, 1);
	CHECK_INT(s.globals, 1);
	CHECK_INT(s.address, 0xffffffff81000020);
	CHECK_INT(s.count, 0);
}

static void each_kind_of_variant(void)
{
	static const char *const names[] = {
		"tcp_close.isra.0",	   "tcp_close.constprop.12",	   "tcp_close.part.0",
		"tcp_close.llvm.12345678", "tcp_close.isra.0.constprop.1",
	};
	char line[96];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct symbols s;

		snprintf(line, sizeof(line), "ffffffff81000020 t %s\n", names[i]);
		s = find(line, "tcp_close");
		CHECK_INT(s.exact, 0);
		CHECK_INT(s.count, 1);
		CHECK_STR(s.of[0].name, names[i]);
		CHECK_INT(s.of[0].address, 0xffffffff81000020);
	}
}

static void what_is_no_function(void)
{
	struct symbols s = find("ffffffff81000010 t tcp_close.cold\n"
				"ffffffff81000020 t tcp_close.isra.0.cold\n"
				"ffffffff81000030 d tcp_close\n"
				"ffffffff81000040 t tcp_close.isra\n"
				"ffffffff81000050 t tcp_close.isra.x\n"
				"ffffffff81000060 t tcp_close.\n"
				"ffffffff81000070 T tcp_close\t[other]\n"
				"ffffffff81000080 t tcp_close.part.0\t[other]\n"
				"nonsense\n\n",
				"tcp_close");

	CHECK_INT(s.exact, 0);
	CHECK_INT(s.count, 0);
}

static void name_with_a_part(void)
{
	struct symbols s = find("ffffffff81000010 t tcp_close.part.0\n"
				"ffffffff81000020 T tcp_close\n",
				"tcp_close");

	CHECK_INT(s.exact, 1);
	CHECK_INT(s.address, 0xffffffff81000020);
	CHECK_INT(s.count, 1);
}

/* A part of a variant is left out, because the variant calls it. Copies are all listed. */
static void variants_of_variants(void)
{
	struct symbols s = find("ffffffff81000010 t tcp_close.isra.0.part.0\n"
				"ffffffff81000020 t tcp_close.isra.0\n"
				"ffffffff81000030 t tcp_close.constprop.1\n"
				"ffffffff81000040 t tcp_close.constprop.10\n",
				"tcp_close");

	CHECK_INT(s.count, 3);
	CHECK_STR(s.of[0].name, "tcp_close.isra.0");
	CHECK_STR(s.of[1].name, "tcp_close.constprop.1");
	CHECK_STR(s.of[2].name, "tcp_close.constprop.10");
}

/* Among functions of one name, the one that other files can call is found. */
static void same_name_twice(void)
{
	struct symbols s = find("ffffffff81000010 t tcp_close\n"
				"ffffffff81000020 T tcp_close\n"
				"ffffffff81000030 t tcp_close\n",
				"tcp_close");

	CHECK_INT(s.exact, 3);
	CHECK_INT(s.globals, 1);
	CHECK_INT(s.address, 0xffffffff81000020);
}

static void several_in_one_pass(void)
{
	static const char list[] = "0 T tcp_close\n0 t tcp_connect.isra.0\n";
	struct symbols s[2] = { { .wanted = "tcp_connect" }, { .wanted = "tcp_close" } };
	FILE *file = fmemopen((void *)list, strlen(list), "r");

	symbols_read(file, s, 2);
	fclose(file);
	CHECK_INT(s[0].exact, 0);
	CHECK_STR(s[0].of[0].name, "tcp_connect.isra.0");
	CHECK_INT(s[1].exact, 1);
	CHECK_INT(s[1].address, 0); /* the kernel hides it */
}

static void more_than_fit(void)
{
	struct symbols s = find("1 t f.constprop.0\n2 t f.constprop.1\n3 t f.constprop.2\n"
				"4 t f.constprop.3\n5 t f.constprop.4\n6 t f.constprop.5\n",
				"f");

	CHECK_INT(s.count, SYMBOLS_MAX);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(plain_name),	   TEST(each_kind_of_variant), TEST(what_is_no_function),
		TEST(name_with_a_part),	   TEST(variants_of_variants), TEST(same_name_twice),
		TEST(several_in_one_pass), TEST(more_than_fit),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
