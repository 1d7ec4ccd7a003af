// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The offset of a time namespace, in the kernel's words. */
#include "../test.h"
#include "base/monotonic.h"
#include "internal.h"

static void offsets(void)
{
	CHECK_INT(monotonic_offset_parse("monotonic           0         0\n"
					 "boottime            7         0\n"),
		  0);
	CHECK_INT(monotonic_offset_parse("monotonic       86400         5\nboottime 0 0\n"),
		  86400000000005);
	CHECK_INT(monotonic_offset_parse("monotonic         -10 500000000\n"), -9500000000);
}

static void no_offset(void)
{
	CHECK_INT(monotonic_offset_parse(""), 0);
	CHECK_INT(monotonic_offset_parse("boottime 5 0\n"), 0);
	CHECK_INT(monotonic_offset_parse("monotonic x\n"), 0);
}

int main(void)
{
	static const struct test tests[] = { TEST(offsets), TEST(no_offset) };

	return run_tests(tests, ARRAY_SIZE(tests));
}
